namespace CohortPipeline.Log;

/// <summary>For members that need nothing but the group's positions to begin: they begin inside the call that assigns.</summary>
public static class PositionedReading
{
    /// <summary>Joins the group for these topics, as <see cref="ILogReader.Subscribe"/> does.</summary>
    public static void Subscribe(this ILogReader reader, IReadOnlyList<string> topics, IPositionedHandler handler) =>
        reader.Subscribe(topics, new Positioned(reader, handler));

    private sealed class Positioned(ILogReader reader, IPositionedHandler handler) : IAssignmentHandler
    {
        public void Assigned(IReadOnlyList<TopicPartition> partitions)
        {
            if (partitions.Count == 0)
                return;
            var committed = reader.Committed(partitions);
            var starts = handler.Assigned(committed);
            if (starts.Length != committed.Length || starts.Any(start => start < 0))
                throw new InvalidOperationException($"{committed.Length} partitions were assigned, and the handler answered [{string.Join(", ", starts)}] to start at");
            reader.Seek([.. committed.Select((position, i) => new PartitionPosition(position.Topic, position.Partition, starts[i]))]);
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions) => handler.Revoked(partitions);

        public void Lost(IReadOnlyList<TopicPartition> partitions) => handler.Lost(partitions);
    }
}

/// <summary>An <see cref="IAssignmentHandler"/> that is told the group's positions and answers where to begin.</summary>
public interface IPositionedHandler
{
    /// <summary>
    /// These partitions are the reader's from now on. Gets what the group has committed (stable) and answers, in the same
    /// order, the offset to start reading each at.
    /// </summary>
    /// <inheritdoc cref="IAssignmentHandler.Assigned" path="/remarks"/>
    long[] Assigned(IReadOnlyList<CommittedPosition> partitions);

    /// <inheritdoc cref="IAssignmentHandler.Revoked"/>
    void Revoked(IReadOnlyList<TopicPartition> partitions);

    /// <inheritdoc cref="IAssignmentHandler.Lost"/>
    void Lost(IReadOnlyList<TopicPartition> partitions);
}
