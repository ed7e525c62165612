using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.Sinks.Schedule;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Telemetry;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>What a runner is given; nothing of it is the runner's to dispose of.</summary>
internal sealed record RunnerParts(
    S3Destination Destination,
    ILog Log,
    PipelineTopics Topics,
    IObjectStoreFactory Stores,
    IMemberSnapshotFactory Snapshots,
    SinkStatus Status,
    RowTally Tally,
    TimeProvider Clock,
    Func<double> Jitter,
    ILogger Logger,
    int PartBytesMax = PublishingLimits.PartBytesMax);

/// <summary>
/// One destination's member of its group: reads the partitions of <c>memberships</c> that it owns and keeps their syncs going.
/// One thread uses it. An exception means: dispose of it and start over with a new one, from what is committed.
/// </summary>
internal sealed class DestinationRunner : IPositionedHandler, IDisposable
{
    private const int BatchRecordsMax = 5_000;

    private readonly RunnerParts _parts;
    private readonly string _group;
    private readonly string _topic;
    private readonly IObjectStore _store;
    private readonly PartBuffers _buffers;
    private readonly ILogReader _reader;
    private readonly CohortCatalog _catalog;
    private readonly CancellationToken _stop;
    private readonly DestinationStanding _standing;
    private readonly Dictionary<int, OwnedPartition> _owned = [];
    private readonly List<CommittedPosition> _arrived = [];

    public DestinationRunner(RunnerParts parts, CancellationToken stop)
    {
        _parts = parts;
        _stop = stop;
        _standing = new(parts.Status);
        _group = new PipelineGroups(parts.Topics).Sink(parts.Destination.Id);
        _topic = parts.Topics.Memberships.Name;
        _catalog = CohortCatalog.Open(parts.Log, parts.Topics, $"{_group}.catalog", stop);
        _store = parts.Stores.Open(parts.Destination);
        _buffers = new(parts.PartBytesMax);
        _reader = parts.Log.OpenReader(new(_group));
    }

    public bool IsParked => _standing.IsParked;

    public bool IsPublishing => _owned.Values.Any(owned => owned.Sync.IsPublishing);

    public void Join() => _reader.Subscribe([_topic], this);

    /// <summary>Reads what there is, waiting at most <paramref name="wait"/> for it, and moves every partition on.</summary>
    public void Turn(TimeSpan wait, bool mayPlan = true)
    {
        var batch = Poll(wait);
        OpenArrived();
        if (batch is not null)
            FoldIn(batch);
        _catalog.Refresh();
        foreach (var owned in _owned.Values)
        {
            owned.Sync.Advance(mayPlan);
            HoldOrRelease(owned);
        }

        var cohorts = _owned.Values.SelectMany(owned => owned.Sync.Fold.Cohorts);
        _parts.Tally.Tell(cohorts.Sum(cohort => cohort.Waiting), cohorts.Min(cohort => cohort.OldestWaitsSince));
        if (batch is not null && _owned.Values.All(owned => owned.IsRead || owned.Sync.IsAtBound))
            _standing.Live(MissingCohorts(), Resyncs());
    }

    /// <summary>Leaves the group; what was under way is left to its plan.</summary>
    public void Leave() => _reader.Leave();

    /// <inheritdoc/>
    public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        // All questions first: where one has no answer, nothing is taken over.
        long[] starts = [.. partitions.Select(committed => _reader.FirstOffset(committed.TopicPartition))];
        _arrived.AddRange(partitions);
        return starts;
    }

    /// <inheritdoc/>
    public void Revoked(IReadOnlyList<TopicPartition> partitions) => Remove(partitions);

    /// <inheritdoc/>
    public void Lost(IReadOnlyList<TopicPartition> partitions) => Remove(partitions);

    public void Dispose()
    {
        Remove([.. _owned.Keys.Select(partition => new TopicPartition(_topic, partition))]);
        _reader.Dispose();
        _store.Dispose();
        _buffers.Dispose();
        _catalog.Dispose();
    }

    private RecordBatch? Poll(TimeSpan wait)
    {
        try
        {
            return _reader.Poll(BatchRecordsMax, wait);
        }
        catch (LogUnavailableException)
        {
            // The log is away: uploads go on, and the next turn polls again.
            _stop.WaitHandle.WaitOne(wait);
            return null;
        }
    }

    /// <summary>
    /// Takes over partitions: first the writer, which fences the owner before and ends its open transaction, then
    /// <c>sink-state</c> to its end, which now cannot change any more.
    /// </summary>
    private void OpenArrived()
    {
        if (_arrived.Count == 0)
            return;
        var journals = _arrived.ConvertAll(committed => new SyncJournal(
            _parts.Log.OpenWriter($"{_group}.{committed.Partition}"), _reader, _parts.Topics, _parts.Destination.Id, committed));
        var states = ReadStates();
        for (var index = 0; index < journals.Count; index++)
            Open(_arrived[index].Partition, journals[index], states);
        _arrived.Clear();
    }

    private Dictionary<string, CohortSyncState> ReadStates()
    {
        var states = new Dictionary<string, CohortSyncState>(StringComparer.Ordinal);
        TopicFollower.ReadToEndAsync(
            _parts.Log,
            $"{_group}.state",
            [_parts.Topics.SinkState.Name],
            (in LogRecord record) =>
            {
                if (!SyncStateCodec.TryCohortOf(record.Key, _parts.Destination.Id, out var cohortId))
                    return;
                if (record.IsTombstone)
                    states.Remove(cohortId);
                else
                    states[cohortId] = SyncStateCodec.Decode(record.Value);
            },
            _stop).GetAwaiter().GetResult();
        return states;
    }

    private void Open(int partition, SyncJournal journal, Dictionary<string, CohortSyncState> states)
    {
        var first = _reader.FirstOffset(new(_topic, partition));
        var observer = new SyncObserver(_parts.Destination.Id, partition, _standing, _parts.Logger);
        var fold = new PartitionFold(first, journal.Position, _parts.Snapshots, IsWanted, _parts.Tally);
        foreach (var (cohortId, state) in states)
        {
            if (IsWanted(cohortId) && PartitionOf(cohortId) == partition)
                Load(fold.Add(cohortId), state, observer);
        }

        var sync = new PartitionSync(
            new(
                _parts.Destination,
                _catalog,
                _store,
                new(new(_store, observer, _parts.Clock, _parts.Jitter), _buffers),
                observer,
                _parts.Tally,
                _parts.Clock,
                CommittedEnd: () => _reader.EndOffset(new(_topic, partition), Isolation.Committed),
                IsMine: cohortId => PartitionOf(cohortId) == partition),
            journal,
            fold);
        _owned.Add(partition, new(partition, sync, observer));
        LogEvents.Assigned(_parts.Logger, _parts.Destination.Id, partition, first);
    }

    private void Load(FoldedCohort cohort, CohortSyncState state, SyncObserver observer)
    {
        cohort.Load(state, ReadableRows.Since(_parts.Topics.Memberships, _parts.Clock.GetUtcNow()));
        if (cohort.NeedsResync)
            observer.Resyncs(cohort.Id);
    }

    private void FoldIn(RecordBatch batch)
    {
        var records = batch.Records;
        for (var index = 0; index < records.Length; index++)
        {
            ref readonly var record = ref records[index];
            if (!_owned.TryGetValue(record.Partition, out var owned) || owned.IsAhead)
                continue;
            TraceContext.TryRead(batch, index, out var trace);
            if (!owned.Sync.Fold.TryFold(record.Offset, record.Key, record.IsTombstone, record.Value, owned.Sync.Bound, trace))
                owned.IsAhead = true;
        }

        foreach (ref readonly var signal in batch.Signals)
        {
            if (!_owned.TryGetValue(signal.Partition, out var owned))
                continue;
            if (signal.Kind == PartitionSignalKind.OffsetGone)
                throw new SyncInterruptedException($"{_topic}/{signal.Partition}: offset {owned.Sync.Fold.Position} is gone");
            owned.IsRead = true;
            if (!owned.IsAhead)
                owned.Sync.Fold.MoveTo(Math.Min(signal.Offset, owned.Sync.Bound));
        }
    }

    /// <summary>A partition at its bound is not read on; released, it is read from where the fold stands.</summary>
    private void HoldOrRelease(OwnedPartition owned)
    {
        var isAtBound = owned.Sync.IsAtBound;
        if (isAtBound && !owned.IsPaused)
        {
            _reader.Pause([new(_topic, owned.Partition)]);
            owned.IsPaused = true;
        }
        else if (!isAtBound && (owned.IsPaused || owned.IsAhead))
        {
            _reader.Seek([new(_topic, owned.Partition, owned.Sync.Fold.Position)]);
            if (owned.IsPaused)
                _reader.Resume([new(_topic, owned.Partition)]);
            owned.IsPaused = false;
            owned.IsAhead = false;
        }
    }

    private void Remove(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _arrived.RemoveAll(arrived => arrived.Partition == partition.Partition);
            if (!_owned.Remove(partition.Partition, out var owned))
                continue;
            owned.Sync.Dispose();
            owned.Observer.Removed();
            LogEvents.Removed(_parts.Logger, _parts.Destination.Id, partition.Partition);
        }
    }

    private bool IsWanted(string cohortId) => _parts.Destination.Cohorts.Includes(cohortId);

    private int PartitionOf(string cohortId) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(cohortId), _parts.Topics.Memberships.PartitionCount);

    private List<string> MissingCohorts() => [.. _parts.Destination.Cohorts.Ids.Where(cohortId => _catalog.VersionOf(cohortId) == 0)];

    private List<string> Resyncs() => [.. _owned.Values.SelectMany(owned => owned.Sync.Fold.Cohorts).Where(cohort => cohort.NeedsResync).Select(cohort => cohort.Id).Order(StringComparer.Ordinal)];

    private sealed class OwnedPartition(int partition, PartitionSync sync, SyncObserver observer)
    {
        public int Partition { get; } = partition;

        public PartitionSync Sync { get; } = sync;

        public SyncObserver Observer { get; } = observer;

        /// <summary>The partition was read to its end once.</summary>
        public bool IsRead { get; set; }

        public bool IsPaused { get; set; }

        /// <summary>Records past the bound were read and left out: the reader is ahead of the fold.</summary>
        public bool IsAhead { get; set; }
    }
}
