using System.Diagnostics;
using System.Text;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.Sinks.Schedule;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// The syncs of one partition's cohorts: fold to a bound, plan, publish, done, and on. While a plan is published nothing is
/// folded in, so that the snapshots stay as the plan saw them. All but the rendering and uploading runs on the runner's
/// thread.
/// </summary>
internal sealed class PartitionSync : IDisposable
{
    /// <summary>A last sync's state is noted anew after this long without changes, so that compaction never takes the rows that give it.</summary>
    public static readonly TimeSpan StateRenewal = TimeSpan.FromDays(1);

    private readonly S3Destination _destination;
    private readonly SyncSchedule _schedule;
    private readonly FileLayout _layout;
    private readonly CohortCatalog _catalog;
    private readonly SyncPublisher _publisher;
    private readonly SyncObserver _observer;
    private readonly TimeProvider _clock;
    private readonly SyncJournal _journal;
    private readonly RowTally _tally;
    private readonly Func<long> _committedEnd;
    private readonly Func<string, bool> _isMine;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _cleaned;
    private List<DueSync> _due = [];
    private RunningSync? _running;

    public PartitionSync(PartitionParts parts, SyncJournal journal, PartitionFold fold)
    {
        _destination = parts.Destination;
        _schedule = SyncSchedule.Of(parts.Destination);
        _layout = FileLayout.Of(parts.Destination);
        _catalog = parts.Catalog;
        _publisher = parts.Publisher;
        _observer = parts.Observer;
        _clock = parts.Clock;
        _tally = parts.Tally;
        _committedEnd = parts.CommittedEnd;
        _isMine = parts.IsMine;
        _journal = journal;
        Fold = fold;
        Bound = NextPlanEnd();
        var stop = _stop.Token;
        _cleaned = Task.Run(() => OrphanedUploads.AbortAsync(parts.Store, _layout, _isMine, _observer, stop), stop);
    }

    public PartitionFold Fold { get; }

    /// <summary>Nothing at or past this offset is folded in before what is planned up to there is published.</summary>
    public long Bound { get; private set; }

    public bool IsAtBound => Fold.Position >= Bound;

    public bool IsPublishing => _running is not null;

    /// <summary>Does what can be done now. <paramref name="mayPlan"/> is false while stopping: what runs is finished, nothing is begun.</summary>
    public void Advance(bool mayPlan)
    {
        if (_running is { } running)
        {
            if (!running.IsReady || Refuse(running))
                return;
            Complete(running);
        }

        if (!mayPlan)
            return;
        if (Bound == long.MaxValue)
            FindDue();
        if (!IsAtBound || Bound == long.MaxValue)
            return;
        PlanDue();
        if (Fold.Cohorts.FirstOrDefault(cohort => cohort.State?.Pending?.End == Bound) is { } next)
            Publish(next);
        else
            Release();
    }

    /// <summary>Gives up what runs; its plan stays, and is repeated by whoever owns the partition next.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _running?.Dispose();
        Task.WhenAny(_cleaned).Wait();
        _cleaned.Exception?.Handle(_ => true);
        _stop.Dispose();
        _journal.Dispose();
        Fold.Dispose();
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Release() => Bound = NextPlanEnd();

    private long NextPlanEnd() => Fold.Cohorts.Min(cohort => cohort.State?.Pending?.End) ?? long.MaxValue;

    /// <summary>Cohorts of this destination and partition that exist, or whose last sync left members to take out.</summary>
    private IEnumerable<FoldedCohort> LiveCohorts()
    {
        foreach (var id in (_destination.Cohorts.IsAll ? _catalog.Ids : _destination.Cohorts.Ids).Where(id => _isMine(id) && _catalog.VersionOf(id) > 0))
            Fold.Add(id);
        return Fold.Cohorts.Where(cohort => _catalog.VersionOf(cohort.Id) > 0 || cohort.State?.Last is { Members: > 0 });
    }

    private void FindDue()
    {
        var now = Now;
        var cohorts = LiveCohorts().ToList();
        Begin(cohorts.FindAll(cohort => cohort.State is null), now);
        _due = [.. cohorts
            .Select(cohort => new DueSync(cohort, _schedule.Due(cohort.State!.Passed, now)))
            .Where(due => due.Boundary is not null)];
        if (_due.Count > 0)
            Bound = Math.Max(Fold.Position, _committedEnd());
    }

    /// <summary>A cohort that is new here counts boundaries from now on, also those that pass while the sink is down.</summary>
    private void Begin(List<FoldedCohort> cohorts, long now)
    {
        if (cohorts.Count == 0)
            return;
        var state = new CohortSyncState(_schedule.Latest(now), Last: null, Pending: null);
        _journal.Commit(cohorts.Select(cohort => (cohort.Id, state)));
        foreach (var cohort in cohorts)
            cohort.Record(state);
    }

    private void PlanDue()
    {
        if (_due.Count == 0)
            return;
        var now = Now;
        var states = new List<(FoldedCohort Cohort, CohortSyncState State)>();
        foreach (var (cohort, boundary) in _due)
        {
            var state = cohort.State!;
            if (_schedule.IsRealTime && !cohort.NeedsResync && !cohort.Snapshot.HasChanges())
                Skip(cohort, state with { Passed = _schedule.Latest(now) }, now, states);
            else
                states.Add((cohort, state.Plan(PlanOf(cohort, boundary!.Value, now))));
        }

        _due = [];
        if (states.Count > 0)
            _journal.Commit(states.Select(change => (change.Cohort.Id, change.State)));
        foreach (var (cohort, state) in states)
            cohort.Record(state);
        if (Fold.Cohorts.All(cohort => cohort.IsSettled && cohort.State?.Pending is null))
            _journal.MoveTo(Bound);
    }

    private SyncPlan PlanOf(FoldedCohort cohort, long boundary, long now) =>
        new(boundary, Bound, now, _catalog.VersionOf(cohort.Id), _layout, TraceParent(cohort)) { Resync = cohort.NeedsResync };

    /// <summary>The first of the traces that lead to the sync, where the destination wants one told.</summary>
    private string? TraceParent(FoldedCohort cohort)
    {
        if (_destination.TraceContext != TraceContextMode.Field || cohort.Traces.Count == 0)
            return null;
        Span<byte> text = stackalloc byte[TraceContext.TraceParentLength];
        TraceContext.Write(cohort.Traces[0], text);
        return Encoding.ASCII.GetString(text);
    }

    private void Skip(FoldedCohort cohort, CohortSyncState state, long now, List<(FoldedCohort Cohort, CohortSyncState State)> states)
    {
        if (state.Last is { } last && now - last.StateAt >= StateRenewal.TotalMilliseconds)
            states.Add((cohort, state with { Last = last with { StateEnd = Bound, StateAt = now } }));
        else
            cohort.Record(state);
        cohort.Snapshot.MarkSynced();
        _tally.Skip(cohort.Settle());
        _observer.Skipped();
    }

    private void Publish(FoldedCohort cohort)
    {
        var state = cohort.State!;
        var context = new SyncContext(_destination.Id, cohort.Id, state.Pending!, state.Last);
        var span = S3Telemetry.StartSync(context, cohort.Traces);
        var stop = _stop.Token;
        var published = Task.Run(
            async () =>
            {
                using var running = span;
                Activity.Current = running;
                // An orphan looks like an upload of this one's.
                await _cleaned.ConfigureAwait(false);
                return await _publisher.PublishAsync(context, cohort.Snapshot, stop).ConfigureAwait(false);
            },
            stop);
        _running = new(cohort, context, published, Now);
    }

    /// <summary>The rows that the sync refuses become dead letters, in bounded transactions. False once all are.</summary>
    private bool Refuse(RunningSync running)
    {
        if (!running.Published.HasRefused)
            return false;
        if (running.Refused is { } refused)
        {
            var state = running.Cohort.State!;
            var plan = state.Pending!;
            state = state with { Pending = plan with { RefusedTold = plan.RefusedTold + refused.Rows.Count } };
            if (refused.Rows.Count > 0)
                _journal.Refuse(running.Cohort.Id, state, refused.Rows, _clock.GetUtcNow());
            running.Cohort.Record(state);
            if (refused.IsLast)
                return false;
        }

        running.ReadRefused(_stop.Token);
        return true;
    }

    private void Complete(RunningSync running)
    {
        var published = running.Published;
        running.Dispose();
        _running = null;
        var cohort = running.Cohort;
        var plan = cohort.State!.Pending!;
        var passed = _schedule.PassedAfter(plan.Boundary, running.StartedAt, Now);
        var state = cohort.State.Complete(published.Counts.Members, passed);
        var isLast = !Fold.Cohorts.Any(other => other != cohort && other.State?.Pending is not null);
        _journal.Complete(cohort.Id, state, isLast ? plan.End : null);
        cohort.Complete(state);
        _tally.Publish(cohort.Settle(), plan.RefusedTold);
        _observer.Completed(plan, cohort.Id, published, plan.RefusedTold, _clock.GetUtcNow());
    }

    private readonly record struct DueSync(FoldedCohort Cohort, long? Boundary);
}

/// <summary>What a partition's syncs work with.</summary>
/// <param name="CommittedEnd">The offset after the last committed row of the partition, asked now.</param>
/// <param name="IsMine">Whether a cohort's rows lie in the partition.</param>
internal sealed record PartitionParts(
    S3Destination Destination,
    CohortCatalog Catalog,
    IObjectStore Store,
    SyncPublisher Publisher,
    SyncObserver Observer,
    RowTally Tally,
    TimeProvider Clock,
    Func<long> CommittedEnd,
    Func<string, bool> IsMine);
