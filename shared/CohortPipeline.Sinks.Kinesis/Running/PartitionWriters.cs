using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Writes dead letters in one transaction with the position that passes them, and what a position stands for with the
/// position. A writer a partition, under the partition's own transactional id, so that its next owner fences this one and no
/// other; opened when there is something to write.
/// </summary>
internal sealed class PartitionWriters(ILog log, PipelineTopics topics, string destinationId) : IDisposable
{
    private readonly string _group = new PipelineGroups(topics).Sink(destinationId);
    private readonly Dictionary<TopicPartition, ILogWriter> _writers = [];

    /// <summary>Commits of which nobody knows yet whether they stand: nothing is written again before that.</summary>
    private readonly Dictionary<TopicPartition, PartitionDelivery> _undecided = [];

    /// <exception cref="LogUnavailableException">The log did not answer; <see cref="Settle"/> comes before the next attempt.</exception>
    public CommitOutcome Commit(ILogReader reader, PartitionDelivery delivery)
    {
        var partition = delivery.Progress.Partition;
        try
        {
            var outcome = Write(Open(partition), reader, delivery);
            if (outcome == CommitOutcome.Unknown)
                _undecided[partition] = delivery;
            return outcome;
        }
        catch (LogUnavailableException)
        {
            // What was appended so far goes with the writer; the next attempt begins with a new one.
            CloseWriter(partition);
            throw;
        }
    }

    /// <summary>
    /// Finds out what became of the partition's last commit, if nobody knows: a new writer of the same id decides the
    /// transaction, and what the group has committed then says how.
    /// </summary>
    /// <exception cref="LogUnavailableException">The log did not answer: it is as undecided as before.</exception>
    public void Settle(ILogReader reader, TopicPartition partition)
    {
        if (!_undecided.TryGetValue(partition, out var last))
            return;
        CloseWriter(partition);
        Open(partition);
        if (reader.Committed([partition])[0] == last.Committed)
            last.Progress.Commit(last);
        _undecided.Remove(partition);
    }

    public void Close(TopicPartition partition)
    {
        _undecided.Remove(partition);
        CloseWriter(partition);
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
            writer = log.OpenWriter($"{_group}.{partition.Partition}", ILog.BatchBytesOurTopicsTake);
            _writers.Add(partition, writer);
        }

        return writer;
    }

    private CommitOutcome Write(ILogWriter writer, ILogReader reader, PartitionDelivery delivery)
    {
        var topic = writer.Topic(topics.DeadLetters.Name);
        foreach (var letter in delivery.DeadLetters)
            letter.Append(writer, topic);
        if (delivery.Coverage is { } coverage)
        {
            var states = writer.Topic(topics.SinkState.Name);
            var key = PartitionCoverageCodec.Key(destinationId, delivery.Progress.Partition.Partition);
            writer.Append(states, states.PartitionOf(key), key, PartitionCoverageCodec.Encode(coverage));
        }

        return writer.Commit(reader, [delivery.Committed]);
    }

    private void CloseWriter(TopicPartition partition)
    {
        if (_writers.Remove(partition, out var writer))
            writer.Dispose();
    }
}
