using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Proof;

/// <summary>Makes a destination one that was there before: it has positions, all before the first delta.</summary>
public static class OldDestination
{
    private const int PollsMax = 1_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    public static void Begin(ILog log, PipelineTopics topics, string destinationId)
    {
        var group = new PipelineGroups(topics).Sink(destinationId);
        TopicPartition[] partitions = [.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new TopicPartition(topics.MembershipDeltas.Name, partition))];
        using var reader = log.OpenReader(new(group));
        var owner = new FirstOwner();
        reader.Subscribe([partitions[0].Topic], owner);
        for (var polls = 0; owner.Owned < partitions.Length; polls++)
        {
            if (polls == PollsMax)
                throw new TimeoutException($"group {group} gave {owner.Owned} of {partitions.Length} partitions");
            reader.Poll(1, polls == 0 ? TimeSpan.Zero : Wait);
        }

        if (!reader.Commit([.. partitions.Select(partition => new CommittedPosition(partition.Topic, partition.Partition, 0, ""))]))
            throw new InvalidOperationException($"the first positions of group {group} were refused");
        reader.Leave();
    }

    private sealed class FirstOwner : IPositionedHandler
    {
        public int Owned { get; private set; }

        public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
        {
            Owned += partitions.Count;
            return new long[partitions.Count];
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
            // It has nothing to end.
        }

        public void Lost(IReadOnlyList<TopicPartition> partitions)
        {
            // Nor anything to lose.
        }
    }
}
