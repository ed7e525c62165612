using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Writes dead letters in one transaction with the position that passes them. A writer a partition, under the partition's own
/// transactional id, so that its next owner fences this one and no other; opened when the first dead letter comes.
/// </summary>
internal sealed class DeadLetterWriters(ILog log, PipelineTopics topics, string group) : IDisposable
{
    private readonly Dictionary<TopicPartition, ILogWriter> _writers = [];

    public CommitOutcome Commit(ILogReader reader, PartitionDelivery delivery, in CommittedPosition position)
    {
        var partition = delivery.Progress.Partition;
        try
        {
            var outcome = Write(Open(partition), reader, delivery, position);
            return outcome == CommitOutcome.Unknown ? Decide(reader, position) : outcome;
        }
        catch (LogUnavailableException)
        {
            // What was appended so far goes with the writer; the next attempt begins with a new one.
            Close(partition);
            throw;
        }
    }

    public void Close(TopicPartition partition)
    {
        if (_writers.Remove(partition, out var writer))
            writer.Dispose();
    }

    public void Dispose()
    {
        foreach (var writer in _writers.Values)
            writer.Dispose();
    }

    private ILogWriter Open(TopicPartition partition)
    {
        if (!_writers.TryGetValue(partition, out var writer))
        {
            writer = log.OpenWriter($"{group}.{partition.Partition}");
            _writers.Add(partition, writer);
        }

        return writer;
    }

    private CommitOutcome Write(ILogWriter writer, ILogReader reader, PartitionDelivery delivery, in CommittedPosition position)
    {
        var topic = writer.Topic(topics.DeadLetters.Name);
        foreach (var letter in delivery.DeadLetters)
            letter.Append(writer, topic);
        return writer.Commit(reader, [position]);
    }

    /// <summary>A new writer of the same id decides the transaction; what the group has committed then says how.</summary>
    private CommitOutcome Decide(ILogReader reader, in CommittedPosition position)
    {
        Close(position.TopicPartition);
        Open(position.TopicPartition);
        var committed = reader.Committed([position.TopicPartition])[0];
        return committed.Offset == position.Offset ? CommitOutcome.Committed : CommitOutcome.Aborted;
    }
}
