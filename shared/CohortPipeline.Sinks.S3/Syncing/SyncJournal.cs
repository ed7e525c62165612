using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Plans;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// What is committed of one partition's syncs: states in <c>sink-state</c>, dead letters, and the group's position, in one
/// transaction each. The transactional id is the destination's and the partition's, so that a new owner fences the old.
/// </summary>
internal sealed class SyncJournal : IDisposable
{
    private const string ServiceName = "s3-sink";

    private readonly ILogWriter _writer;
    private readonly ILogReader _reader;
    private readonly OutputTopic _states;
    private readonly OutputTopic _deadLetters;
    private readonly string _destinationId;
    private readonly TopicPartition _partition;
    public SyncJournal(ILogWriter writer, ILogReader reader, PipelineTopics topics, string destinationId, CommittedPosition committed)
    {
        _writer = writer;
        _reader = reader;
        _destinationId = destinationId;
        _partition = committed.TopicPartition;
        Position = committed.Exists ? committed.Offset : reader.FirstOffset(committed.TopicPartition);
        _states = writer.Topic(topics.SinkState.Name);
        _deadLetters = writer.Topic(topics.DeadLetters.Name);
    }

    /// <summary>What the group has committed: everything before it is published.</summary>
    public long Position { get; private set; }

    /// <summary>States that move no position: beginnings and plans.</summary>
    public void Commit(IEnumerable<(string CohortId, CohortSyncState State)> states) => Commit(states, Position);

    /// <summary>Rows that a published sync refused become dead letters, and its plan says how many are by now.</summary>
    public void Refuse(string cohortId, CohortSyncState state, IReadOnlyList<RefusedRow> refused, DateTimeOffset now)
    {
        foreach (var row in refused)
            AppendDeadLetter(cohortId, row, now);
        Commit([(cohortId, state)]);
    }

    /// <summary>A published sync, and how far everything is published now (null: no further than before).</summary>
    public void Complete(string cohortId, CohortSyncState state, long? position) => Commit([(cohortId, state)], position ?? Position);

    /// <summary>Nothing was to be published up to <paramref name="position"/>.</summary>
    public void MoveTo(long position)
    {
        if (position <= Position)
            return;
        if (!_reader.Commit([PositionAt(position)]))
            throw new SyncInterruptedException($"{_partition}: the group has moved on");
        Position = position;
    }

    public void Dispose() => _writer.Dispose();

    private void Commit(IEnumerable<(string CohortId, CohortSyncState State)> states, long position)
    {
        foreach (var (cohortId, state) in states)
        {
            var key = SyncStateCodec.Key(_destinationId, cohortId);
            _writer.Append(_states, _states.PartitionOf(key), key, SyncStateCodec.Encode(state));
        }

        var outcome = _writer.Commit(_reader, [PositionAt(position)]);
        if (outcome != CommitOutcome.Committed)
            throw new SyncInterruptedException($"{_partition}: the transaction of {_writer.TransactionalId} ended as {outcome}");
        Position = position;
    }

    private void AppendDeadLetter(string cohortId, in RefusedRow row, DateTimeOffset now)
    {
        byte[] key = [.. System.Text.Encoding.UTF8.GetBytes(cohortId), (byte)'/', .. row.ProfileKey.Span];
        var headers = DeadLetter.Explain(
            new RecordHeaders(),
            DeadLetterReason.SinkFormula,
            $"destination `{_destinationId}` refuses texts that a spreadsheet would run as formulas",
            new PartitionPosition(_partition.Topic, _partition.Partition, row.Offset),
            ServiceName,
            now);
        _writer.Append(_deadLetters, _deadLetters.PartitionOf(key), key, DeadLetter.Fit(row.Row.Span, DeadLetterReason.SinkFormula, headers), headers);
    }

    private CommittedPosition PositionAt(long offset) => new(_partition.Topic, _partition.Partition, offset, Metadata: "");
}

/// <summary>
/// The owner of a partition cannot say what stands, or is its owner no longer. It starts over from <c>sink-state</c>, as
/// after a crash: the same plan gives the same bytes.
/// </summary>
internal sealed class SyncInterruptedException(string message) : Exception(message);
