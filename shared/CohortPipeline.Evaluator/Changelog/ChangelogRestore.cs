using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.State;

namespace CohortPipeline.Evaluator;

/// <summary>
/// Reads a partition's state back from the changelog: up to its uncommitted end, asked after the committed position was,
/// because a predecessor's commit may be decided for the positions before it is visible here.
/// </summary>
internal sealed class ChangelogRestore : IStateRestore
{
    private const int BatchRecordsMax = 10_000;
    private const int TimersMax = 100_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    private readonly TopicPartition _changelog;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly RestoredRecords _records = new();
    private long? _next;
    private long? _end;
    private long _movedAt;
    private int _armed;

    /// <param name="timeout">Longest wait for a predecessor's transaction to end.</param>
    public ChangelogRestore(PipelineTopics topics, int partition, TimeProvider time, TimeSpan timeout)
    {
        _changelog = new(topics.EvaluatorChangelog.Name, partition);
        _time = time;
        _timeout = timeout;
        Timers = new(Store);
    }

    public ProfileStore Store { get; } = new();

    public TimerQueue Timers { get; }

    /// <summary>What the changelog held beside profiles; null for a partition that nothing was ever committed for. There once it is complete.</summary>
    public RestoredPartition? Partition { get; private set; }

    /// <inheritdoc/>
    public (long Offset, long Sequence) Position => _records.Position is { } position ? (position.Offset, position.Sequence) : (CommittedPosition.None, 0);

    /// <inheritdoc/>
    /// <exception cref="TimeoutException">A predecessor's transaction did not end in time.</exception>
    public bool Read(ILogReader reader)
    {
        if (_end is not { } end)
        {
            Begin(reader);
            return false;
        }

        var batch = reader.Poll(BatchRecordsMax, Wait);
        Take(batch, end);
        if (batch.Records.Length > 0)
            _movedAt = _time.GetTimestamp();
        if (_next >= end)
        {
            _end = null;
            return true;
        }

        return _time.GetElapsedTime(_movedAt) <= _timeout
            ? false
            : throw new TimeoutException($"{_changelog}: read up to offset {_next} of {end}, then nothing for {_timeout}: a transaction that was open there has not ended");
    }

    /// <inheritdoc/>
    public bool Complete()
    {
        for (var last = Math.Min(Store.EntryCount, _armed + TimersMax); _armed < last; _armed++)
            Timers.Arm(_armed, ProfileCodec.TimerOf(Store.ReadCommitted(_armed)));
        if (_armed < Store.EntryCount)
            return false;
        Partition = _records.Build();
        return true;
    }

    private void Begin(ILogReader reader)
    {
        var end = reader.EndOffset(_changelog, Isolation.Uncommitted);
        var next = _next ?? reader.FirstOffset(_changelog);
        reader.Assign([new(_changelog.Topic, _changelog.Partition, next)]);
        (_next, _end, _movedAt) = (next, end, _time.GetTimestamp());
    }

    /// <summary>
    /// What stands behind the end belongs to commits of a newer owner, of which a batch may hold the first half alone: it is
    /// left, and read if it comes to another round.
    /// </summary>
    private void Take(RecordBatch batch, long end)
    {
        foreach (ref readonly var record in batch.Records)
        {
            if (record.Offset >= end)
            {
                _next = end;
                return;
            }

            _next = record.Offset + 1;
            if (ChangelogKeys.IsProfile(record.Key))
                Store.Restore(record.Key, record.Value);
            else
                _records.Take(record.Key, record.IsTombstone ? null : record.Value.ToArray());
        }

        foreach (ref readonly var signal in batch.Signals)
        {
            if (signal.Kind == PartitionSignalKind.EndOfPartition)
                _next = Math.Max(_next!.Value, signal.Offset);
        }
    }
}
