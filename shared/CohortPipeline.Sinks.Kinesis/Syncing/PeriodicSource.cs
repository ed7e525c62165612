using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks.Schedule;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Of a destination that is told hourly or daily: at each boundary the net changes since the last one, as
/// <c>memberships</c> says. A plan is committed before anything is read; then the rows are folded in up to its ends, its
/// changes sent in their order, and what is told is committed, with which the wait for the next boundary begins.
/// </summary>
/// <remarks>
/// The group's partitions are those of the deltas, so that one member tells all there is of a user; no delta is read. The
/// offset that the group commits is what was the end of the deltas when the plan was made, so that the lag tells what waits
/// for the next boundary.
/// </remarks>
internal sealed class PeriodicSource : IDeliverySource
{
    private static readonly TimeSpan RowWait = TimeSpan.FromMilliseconds(1);

    private readonly SinkEnvironment _environment;
    private readonly KinesisDestination _destination;
    private readonly ILogReader _reader;
    private readonly DeltaComposer _composer;
    private readonly DeliveryRoom _room;
    private readonly DeliveryCounts _counts;
    private readonly SyncSchedule _schedule;
    private readonly CohortNames _cohorts;
    private readonly MembershipReader _rows = new();
    private readonly Dictionary<PartitionProgress, PeriodSync> _syncs = [];
    private readonly Dictionary<int, PeriodSync> _folding = [];
    private RowScan? _scan;
    private bool _isSending;

    public PeriodicSource(SinkEnvironment environment, KinesisDestination destination, ILogReader reader, DeltaComposer composer, DeliveryRoom room, DeliveryCounts counts)
    {
        _environment = environment;
        _destination = destination;
        _reader = reader;
        _composer = composer;
        _room = room;
        _counts = counts;
        _schedule = SyncSchedule.Of(destination);
        _cohorts = new(destination.Cohorts);
    }

    public (SinkState State, string Added, int Progress)? Standing =>
        _syncs.Values.Select(sync => sync.Periods).FirstOrDefault(periods => periods.IsStarting)?.Pending is { } plan
            ? (plan.Since is null ? SinkState.Snapshot : SinkState.Resync, "", (int)(100 * (_scan?.Share ?? 1)))
            : null;

    public string Awaits => _syncs.Count > 0 && _syncs.Values.All(sync => sync.Periods.Pending is null)
        ? $"the boundary {TextOf(_schedule.Next(_syncs.Values.Min(sync => sync.Periods.Passed)))}"
        : "";

    public bool IsReading => _scan is not null || _isSending;

    public PartitionProgress[] Begin(IReadOnlyList<CommittedPosition> partitions)
    {
        var coverages = Coverages.ReadAll(_environment.Log, _environment.Topics, _destination.Id);
        PeriodSync[] begun = [.. partitions.Select(committed => Begin(committed, coverages.GetValueOrDefault(committed.Partition)))];
        foreach (var sync in begun)
            _syncs.Add(sync.Progress, sync);
        return [.. begun.Select(sync => sync.Progress)];
    }

    public void Take(RecordBatch batch, long now)
    {
        if (batch.Records.Length > 0)
            throw new InvalidOperationException($"{batch.Records.Length} deltas were read, where none is asked for");
    }

    public void Turn(long now)
    {
        foreach (var sync in _syncs.Values)
            PlanIfDue(sync);
        Fold(now);
        _isSending = false;
        foreach (var sync in _syncs.Values)
        {
            if (!sync.IsToSend)
                continue;
            sync.Open(CohortNamesNow);
            _isSending |= sync.Send(_composer, _room, now);
            sync.EndIfTold();
        }
    }

    public void Drop(PartitionProgress progress)
    {
        if (!_syncs.Remove(progress, out var sync))
            return;
        _folding.Remove(progress.Partition.Partition);
        sync.Dispose();
    }

    public void Dispose()
    {
        _scan?.Dispose();
        foreach (var sync in _syncs.Values)
            sync.Dispose();
    }

    private static string TextOf(long boundary) => DateTimeOffset.FromUnixTimeMilliseconds(boundary).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private IReadOnlyDictionary<string, CohortName> CohortNamesNow() => CohortName.ReadAll(_environment.Log, _environment.Topics);

    private PeriodSync Begin(in CommittedPosition committed, PartitionCoverage? found)
    {
        var now = _environment.Time.GetUtcNow();
        long? toldUntil = committed.Exists ? DeliveryMetadata.Of(committed).At : null;
        var coverage = PartitionCoverage.NextOfPeriods(found, toldUntil, _destination.Cohorts, _destination.Start, _schedule.Latest(now.ToUnixTimeMilliseconds()), CutNow);
        var taken = coverage.TakeOver(ReadableRows.Since(_environment.Topics.Memberships, now));
        var first = taken.Periods!.Pending?.First ?? 0;
        var before = DeliveryMetadata.OfNumbered(committed) ?? new(0, AcceptedAhead.None(first));
        var progress = new PartitionProgress(committed.TopicPartition, before, committed.Exists ? before.Ahead.Position : CommittedPosition.None, _counts)
        {
            CommitsAt = committed.Exists ? committed.Offset : _reader.EndOffset(committed.TopicPartition, Isolation.Committed),
        };
        progress.StandFor(taken, isCommitted: ReferenceEquals(taken, found));
        return new(progress, _environment.Snapshots, _environment.Topics.Memberships);
    }

    /// <summary>The clock is read first: what is written behind it lies behind the ends or is told.</summary>
    private MembershipsCut CutNow()
    {
        var at = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new(MembershipsEnds.Committed(_reader, _environment.Topics), at);
    }

    private void PlanIfDue(PeriodSync sync)
    {
        var progress = sync.Progress;
        var now = _environment.Time.GetUtcNow();
        if (!progress.IsCoverageCommitted || sync.Periods.Pending is not null || _schedule.Due(sync.Periods.Passed, now.ToUnixTimeMilliseconds()) is not { } boundary)
            return;
        var deltasEnd = _reader.EndOffset(progress.Partition, Isolation.Committed);
        var plan = new PeriodPlan(boundary, CutNow(), _destination.Cohorts, progress.FirstNew, deltasEnd);
        sync.Begin(sync.Periods.Plan(plan, ReadableRows.Since(_environment.Topics.Memberships, now)));
        LogEvents.Planned(_environment.Logger, _destination.Id, progress.Partition, TextOf(boundary));
    }

    /// <summary>One reading serves all partitions that have a plan when it begins.</summary>
    private void Fold(long now)
    {
        if (_scan is null)
            BeginFolding();
        if (_scan is null)
            return;
        _scan.Poll((batch, index) => TryFold(batch, index, now), RowWait);
        foreach (var (partition, sync) in _folding)
        {
            sync.Reach(_scan.Positions);
            if (!sync.IsToFold)
                _folding.Remove(partition);
        }

        if (_folding.Count > 0)
            return;
        _scan.Dispose();
        _scan = null;
    }

    private void BeginFolding()
    {
        foreach (var sync in _syncs.Values.Where(sync => sync.IsToFold))
            _folding.Add(sync.Progress.Partition.Partition, sync);
        if (_folding.Count == 0)
            return;
        try
        {
            _scan = new(_environment.Log, _environment.Topics, Over(sync => sync.Members.Positions, Enumerable.Min));
            _scan.ReadTo(Over(sync => sync.Plan!.Cut.Ends, Enumerable.Max));
        }
        catch (LogUnavailableException)
        {
            _folding.Clear();
            throw;
        }
    }

    private long[] Over(Func<PeriodSync, IEnumerable<long>> of, Func<IEnumerable<long>, long> pick)
    {
        var all = _folding.Values.Select(sync => of(sync).ToArray()).ToArray();
        return [.. Enumerable.Range(0, all[0].Length).Select(partition => pick(all.Select(one => one[partition])))];
    }

    /// <summary>Always true: rows go into the store, not into memory.</summary>
    private bool TryFold(RecordBatch batch, int index, long now)
    {
        ref readonly var record = ref batch.Records[index];

        // A key of no cohort is nobody's; the partition that it would lie in itself tells of it.
        var isOfCohort = MembershipKey.TrySplit(record.Key, out var cohortId, out var profileKey);
        if (!_folding.TryGetValue(Partitioner.PartitionOf(isOfCohort ? profileKey : record.Key, _environment.Topics.PartitionCount), out var sync) || !sync.Awaits(record.Partition, record.Offset))
            return true;
        if (!isOfCohort)
            GiveUp(batch, index, sync, "the key is not a cohort's id, a slash and a profile key", now);
        else if (!_cohorts.Include(cohortId) && !sync.IsPlanned(cohortId))
            return true;
        else if (record.IsTombstone)
            sync.Members.Forget(record.Partition, record.Offset, cohortId, profileKey);
        else if (_rows.TryRead(record.Value, out var row, out var error))
            sync.Members.Apply(record.Partition, record.Offset, cohortId, profileKey, row.In || sync.IsToTell(batch.TimestampOf(index)), record.Value);
        else
            GiveUp(batch, index, sync, error, now);
        return true;
    }

    private void GiveUp(RecordBatch batch, int index, PeriodSync sync, string error, long now)
    {
        if (!sync.Members.IsOfLast(batch.Records[index].Partition, batch.Records[index].Offset))
            _composer.GiveUpRow(batch, index, sync.Progress, now, error);
    }
}
