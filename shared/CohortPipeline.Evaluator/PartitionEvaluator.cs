using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;
using CohortPipeline.State;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Evaluator;

/// <summary>
/// One partition of <c>activity</c>: its plan, its clock, its profiles and their timers. A record goes through it in a
/// straight line: load, fire what is due before it, step, stage. It reads no wall clock: what it holds and what it gives is a
/// function of the records.
/// </summary>
internal sealed class PartitionEvaluator
{
    private readonly int _partition;
    private readonly TopicPartition _activity;
    private readonly LaneScratch _scratch;
    private readonly LaneOutput _output;
    private readonly MembershipOutput _memberships;
    private readonly PartitionClock _clock;
    private readonly ProfileStore _store;
    private readonly TimerQueue _timers;
    private readonly ILogger _logger;
    private PartitionScalars _now;
    private PartitionScalars _committed;

    /// <summary>Entries of the store that a sweep has come by.</summary>
    private int _swept;

    /// <param name="restored">The partition's state, whole: from here on it is this evaluator's.</param>
    public PartitionEvaluator(TopicPartition activity, PartitionClock clock, LaneScratch scratch, LaneOutput output, MembershipOutput memberships, ChangelogRestore restored, ILogger logger)
    {
        _partition = activity.Partition;
        _activity = activity;
        _clock = clock;
        _scratch = scratch;
        _output = output;
        _memberships = memberships;
        _logger = logger;
        _store = restored.Store;
        _timers = restored.Timers;
        if (restored.Partition is { } state)
            clock.Load(state.Position.Clock);
        _now = _committed = new(restored.Partition?.Plans ?? new(CohortPlan.Empty), restored.Partition?.ChangeSet ?? OpenChangeSet.None, clock.Save());
    }

    /// <summary>The partition that this evaluates.</summary>
    public TopicPartition Activity => _activity;

    public ProfileStore Store => _store;

    public PartitionClock Clock => _clock;

    public int TimerCount => _timers.Count;

    /// <summary>Memory of the profiles and their timers, in bytes.</summary>
    public long Bytes => _store.Bytes + _timers.Bytes;

    public CohortPlan Plan => _now.Plans.Current;

    /// <summary>Applies an event or an identify call to its profile.</summary>
    /// <param name="keyHash">Of the key, as <see cref="ProfileStore.HashOf"/> has it.</param>
    public void Apply(in ActivityRecord record, ReadOnlySpan<byte> key, int keyHash, long offset, in ActivityContext trace)
    {
        _clock.SeeRecord(record.Timestamp);
        var profile = _scratch.Profile;
        var entry = _store.FindOrAdd(key, keyHash);
        ProfileCodec.Read(key, _store.Read(entry), profile);
        CatchUp(key, profile);
        var instant = Rules.Steps.Clock.InstantOf(record.Timestamp, _clock.Watermark, profile.LastInstant);
        Fire(Plan, key, profile, LimitBefore(instant));
        var transition = _scratch.Transition;
        _scratch.Stepper.Apply(Plan, profile, record, instant, transition);
        _memberships.Stage(_partition, key, profile, transition, offset, trace);
        Count(transition);
        Keep(entry, key, profile);
    }

    /// <summary>Moves the partition's clock; timers that are due now are fired in slices, by <see cref="FireDue"/>.</summary>
    public void SeeWatermark(in ActivityRecord record) => _clock.SeeWatermark(record);

    /// <summary>
    /// Takes a part of a change set; its last one makes the new plan. Every profile is then evaluated under it, at the set's
    /// instant, when <see cref="Sweep"/> comes to it or something is about to happen to it, whichever is first.
    /// </summary>
    /// <returns>What is wrong with the marker, or an empty text.</returns>
    public string Define(in ActivityRecord record, ReadOnlySpan<byte> marker, long offset)
    {
        var changeSet = _now.ChangeSet.Add(record, marker, out var error);
        if (error.Length > 0)
            return error;
        if (!changeSet.IsComplete(record.Parts))
        {
            _now = _now with { ChangeSet = changeSet };
            return "";
        }

        if (Plan.WhyNot(changeSet.Parts) is { Length: > 0 } refused)
        {
            _now = _now with { ChangeSet = OpenChangeSet.None };
            return refused;
        }

        var plan = Plan.Apply(changeSet.Parts);
        _now = _now with { Plans = _now.Plans.With(new(plan, _clock.Watermark, _clock.TimerLimit, offset, changeSet)), ChangeSet = OpenChangeSet.None };
        _swept = 0;
        LogEvents.ChangeSetApplied(_logger, _activity, changeSet.Change, offset, plan.Cohorts.Length);
        return "";
    }

    /// <summary>Moves profiles to the current plan, at most <paramref name="max"/> and while the transaction has room; answers at how many it looked.</summary>
    public int Sweep(int max)
    {
        if (_now.Plans.Pending.IsEmpty)
            return 0;
        var looked = 0;
        for (; looked < max && !_output.IsFull && _swept < _store.EntryCount; looked++)
        {
            var entry = _swept++;
            var stored = _store.Read(entry);
            if (stored.IsEmpty || ProfileCodec.GenerationOf(stored) == Plan.Generation)
                continue;
            var key = _store.Key(entry);
            ProfileCodec.Read(key, stored, _scratch.Profile);
            CatchUp(key, _scratch.Profile);
            Keep(entry, key, _scratch.Profile);
        }

        if (_swept == _store.EntryCount && !_output.IsFull)
        {
            _now = _now with { Plans = _now.Plans.Settled() };
            LogEvents.Swept(_logger, _activity, Plan.Generation, _store.EntryCount);
        }

        return Math.Max(1, looked);
    }

    /// <summary>Fires timers that the watermark has passed, of at most <paramref name="max"/> profiles and while the transaction has room; answers at how many it looked.</summary>
    public int FireDue(int max)
    {
        Span<int> due = stackalloc int[TimerQueue.TakenAtOnce];
        var looked = 0;
        while (looked < max && !_output.IsFull)
        {
            var taken = _timers.Take(_clock.TimerLimit, due[..Math.Min(due.Length, max - looked)]);
            if (taken == 0)
                break;
            FireTimersOf(due[..taken]);
            looked += taken;
        }

        return looked;
    }

    private void FireTimersOf(ReadOnlySpan<int> taken)
    {
        var fired = 0;
        try
        {
            for (; fired < taken.Length; fired++)
                FireTimerOf(taken[fired]);
        }
        finally
        {
            // Only after a failure there are some left: of these nobody else knows that they are to be looked at.
            foreach (var entry in taken[fired..])
                _timers.Arm(entry, ProfileCodec.TimerOf(_store.Read(entry)));
        }
    }

    private void FireTimerOf(int entry)
    {
        var stored = _store.Read(entry);
        var due = ProfileCodec.TimerOf(stored);
        if (due >= _clock.TimerLimit || _output.IsFull)
        {
            _timers.Arm(entry, due);
            return;
        }

        var key = _store.Key(entry);
        var profile = _scratch.Profile;
        ProfileCodec.Read(key, stored, profile);
        var isChanged = CatchUp(key, profile) | Fire(Plan, key, profile, _clock.TimerLimit);
        if (isChanged)
            Keep(entry, key, profile);
        else
            _timers.Arm(entry, profile.NextTimer);
    }

    /// <summary>Appends what changed since the last commit to the changelog, the position record last.</summary>
    public void Stage(in PartitionCommit commit, ChangelogWriter changelog)
    {
        _now = _now with { Clock = _clock.Save() };
        foreach (var entry in _store.StagedEntries)
            changelog.Profile(_partition, _store.Key(entry), _store.Read(entry));
        changelog.Plans(_partition, _committed.Plans, _now.Plans);
        changelog.ChangeSet(_partition, _committed.ChangeSet, _now.ChangeSet);
        changelog.Position(_partition, commit, _now.Plans.Base, _now.Clock);
    }

    public void Promote()
    {
        _store.Promote();
        _committed = _now;
    }

    public void Drop()
    {
        foreach (var entry in _store.StagedEntries)
            _timers.Arm(entry, ProfileCodec.TimerOf(_store.ReadCommitted(entry)));
        _store.Drop();
        _now = _committed;
        _swept = 0;
        _clock.Load(_committed.Clock);
    }

    /// <summary>Fires the profile's own timers due before an instant, each at its deadline; answers whether that changed the profile.</summary>
    private bool Fire(CohortPlan plan, ReadOnlySpan<byte> key, Profile profile, long before)
    {
        var (fired, isChanged) = (0, false);
        for (; _scratch.Stepper.TryFire(plan, profile, before, _scratch.Transition); fired++)
        {
            isChanged |= _scratch.Transition.HasChangedProfile;
            _memberships.Stage(_partition, key, profile, _scratch.Transition, sourceOffset: -1, trace: default);
        }

        if (fired > 0)
            EvaluatorMetrics.TimersFired.Add(fired);
        return isChanged;
    }

    /// <summary>
    /// Timers due before the instant come first; so do those that the clock has reached already and that only wait for their
    /// slice, which a final watermark lets be due at the instant itself.
    /// </summary>
    private long LimitBefore(long instant) => Math.Max(instant, _clock.TimerLimit);

    /// <summary>Moves a profile through the plans that came since it was looked at last, each at the instant of its change set; answers whether there were any.</summary>
    private bool CatchUp(ReadOnlySpan<byte> key, Profile profile)
    {
        var isBehind = profile.Exists && profile.PlanGeneration != Plan.Generation;
        while (profile.Exists && profile.PlanGeneration != Plan.Generation)
        {
            var edition = _now.Plans.EditionAfter(profile.PlanGeneration);
            var instant = Math.Max(edition.Watermark, profile.LastInstant);
            Fire(_now.Plans.Of(profile.PlanGeneration), key, profile, Math.Max(instant, edition.TimerLimit));
            _scratch.Stepper.Migrate(edition.Plan, profile, instant, _scratch.Transition);
            _memberships.Stage(_partition, key, profile, _scratch.Transition, edition.Offset, trace: default);
        }

        return isBehind;
    }

    private void Keep(int entry, ReadOnlySpan<byte> key, Profile profile)
    {
        ProfileCodec.Write(key, profile, _scratch.Bytes);
        var staged = _store.StagedBytes;
        _store.Stage(entry, _scratch.Bytes.Written);
        _output.Expect(_store.StagedBytes - staged);
        _timers.Arm(entry, profile.NextTimer);
    }

    private static void Count(Transition transition)
    {
        if (transition.Duplicates > 0 || transition.IsRepeatedIdentify)
            EvaluatorMetrics.Duplicates.Add(1);
        if (transition.BehaviorsMadeApproximate > 0)
            EvaluatorMetrics.ApproximateBehaviors.Add(transition.BehaviorsMadeApproximate);
        if (transition.Identify.Refused > 0)
            EvaluatorMetrics.RefusedProperties.Add(transition.Identify.Refused);
    }

    /// <summary>The little that a partition holds beside its profiles; replaced whole, so that an abort goes back to the one before.</summary>
    private sealed record PartitionScalars(PartitionPlans Plans, OpenChangeSet ChangeSet, PartitionClock.Snapshot Clock);
}
