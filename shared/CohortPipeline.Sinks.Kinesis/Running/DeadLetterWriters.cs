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
        if (!_writers.TryGetValue(partition, out var writer))
        {
            writer = log.OpenWriter($"{group}.{partition.Partition}");
            _writers.Add(partition, writer);
        }

        var topic = writer.Topic(topics.DeadLetters.Name);
        foreach (var letter in delivery.DeadLetters)
            letter.Append(writer, topic);
        var outcome = writer.Commit(reader, [position]);
        return outcome == CommitOutcome.Unknown ? Decide(reader, position) : outcome;
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

    /// <summary>A new writer of the same id decides the transaction; what the group has committed then says how.</summary>
    private CommitOutcome Decide(ILogReader reader, in CommittedPosition position)
    {
        Close(position.TopicPartition);
        _writers.Add(position.TopicPartition, log.OpenWriter($"{group}.{position.Partition}"));
        var committed = reader.Committed([position.TopicPartition])[0];
        return committed.Offset == position.Offset ? CommitOutcome.Committed : CommitOutcome.Aborted;
    }
}
