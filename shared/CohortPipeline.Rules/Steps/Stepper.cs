using CohortPipeline.Contracts;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Identify;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>
/// The rules' one step: a plan, a profile, what happens at an instant → the profile changed in place, and the transition.
/// Pure but for its scratch memory, which allocates nothing once it has grown; a lane has an object of it.
/// <para>
/// Of one profile everything happens in order of its instants (<c>docs/spec/cohorts.md</c> §4): before anything is applied at
/// <c>t</c> the caller fires the timers due before <c>t</c>, with <see cref="TryFire"/> until it answers false.
/// </para>
/// </summary>
/// <param name="rememberedEventsMax">Events that a profile remembers of one behavior, where the behavior keeps every event.</param>
public sealed class Stepper(int rememberedEventsMax = Stepper.RememberedEventsDefault)
{
    /// <summary>What a profile remembers of such a behavior unless it is said otherwise.</summary>
    public const int RememberedEventsDefault = 1_000;

    private readonly DirtyCohorts _dirty = new();
    private readonly Scratch _scratch = new();
    private readonly List<Flip> _flips = [];
    private readonly EventValues _values = new();
    private readonly MatchedBehaviors _matched = new();
    private readonly IdentifyOperations _identify = new();
    private bool _areAllSlid;

    /// <summary>Applies an event or an identify call at <paramref name="instant"/>, which is <see cref="Clock.InstantOf"/> of it.</summary>
    /// <exception cref="InvalidOperationException">The caller broke the order of instants or generations.</exception>
    public void Apply(CohortPlan plan, Profile profile, in ActivityRecord record, long instant, Transition transition)
    {
        if (record.Type is not (ActivityType.Event or ActivityType.Identify))
            throw new InvalidOperationException($"a record of type {record.Type} is not applied to a profile");
        if (!profile.Exists)
            profile.PlanGeneration = plan.Generation;
        CheckGeneration(profile, plan.Generation);
        var isEvent = record.Type == ActivityType.Event;
        Begin(plan, profile, instant, isEvent ? DeltaReason.Event : DeltaReason.Identify, transition);
        var isNew = !profile.Exists;
        if (isNew)
        {
            profile.FirstSeenAt = instant;
            _dirty.Add(plan.Index.HoldForNothing);
        }

        TakeIds(profile, record, transition);
        if (!record.UserProperties.IsEmpty)
            Identify(plan, profile, record, transition);
        if (isNew || transition.Identify.ChangedCount > 0)
            PropertyMoments.Remember(plan.Index.Moments, profile, instant, _scratch);
        if (isEvent)
            Remember(plan, profile, record, instant, transition);
        Evaluate(plan, profile, [], transition);
        if (transition.Identify.ChangedCount > 0)
            AddRewrites(plan, profile, ExportsWhatChanged, transition);
        End(plan, profile, transition, areTimesNew: transition.Identify.ChangedCount > 0);
    }

    /// <summary>Fires the profile's timer, evaluated at its own deadline, if it is due before <paramref name="before"/>. A timer may be early: then nothing changes.</summary>
    /// <returns>False if nothing is due.</returns>
    public bool TryFire(CohortPlan plan, Profile profile, long before, Transition transition)
    {
        if (profile.NextTimer >= before)
            return false;
        CheckGeneration(profile, plan.Generation);
        var deadline = profile.NextTimer;
        Begin(plan, profile, deadline, DeltaReason.Schedule, transition);
        Evaluate(plan, profile, [], transition);
        End(plan, profile, transition);
        if (profile.NextTimer <= deadline)
            throw new InvalidOperationException($"the timer of {deadline} did not move on: next {profile.NextTimer}");
        return true;
    }

    /// <summary>Brings a profile to an instant at which nothing happens to it; timers due by then were fired.</summary>
    internal void PassTime(CohortPlan plan, Profile profile, long instant, Transition transition)
    {
        CheckGeneration(profile, plan.Generation);
        Begin(plan, profile, instant, DeltaReason.Schedule, transition);
        End(plan, profile, transition);
    }

    /// <summary>
    /// Moves a profile to the next generation of the plan, at the instant of the change set. Timers due before it were fired
    /// under the plan before.
    /// </summary>
    public void Migrate(CohortPlan plan, Profile profile, long instant, Transition transition)
    {
        CheckGeneration(profile, plan.Generation - 1);
        Begin(plan, profile, instant, DeltaReason.Definition, transition, isPlanNew: true);
        profile.PlanGeneration = plan.Generation;
        transition.HasChangedProfile = true;
        _dirty.Add(plan.Index.ToEvaluate);
        PropertyMoments.Remember(plan.Index.Moments, profile, instant, _scratch);
        Evaluate(plan, profile, plan.Removed.AsSpan(), transition);
        AddRewrites(plan, profile, static (cohort, _) => cohort.Sweep.HasFlag(SweepWork.RewriteRows), transition);
        End(plan, profile, transition, areTimesNew: true);
    }

    private void Begin(CohortPlan plan, Profile profile, long instant, DeltaReason reason, Transition transition, bool isPlanNew = false)
    {
        if (instant < profile.LastInstant)
            throw new InvalidOperationException($"instants go back from {profile.LastInstant} to {instant}");
        if (profile.NextTimer < instant)
            throw new InvalidOperationException($"the timer of {profile.NextTimer} was to be fired before {instant}");
        transition.Begin(instant, reason);
        var last = profile.LastInstant;
        profile.LastInstant = instant;
        _dirty.Begin(plan.Index.Order.Ranks);
        _areAllSlid = isPlanNew || BehaviorSlides.AreDue(profile, instant);
        if (_areAllSlid)
            BehaviorSlides.SlideAll(plan.Index, profile, instant);
        else
            BehaviorSlides.LeaveAlone(profile);
        if (profile.NextPropertyFlip <= instant)
            PropertyMoments.MarkFlipped(plan.Index, profile, last, instant, _dirty, _scratch);
    }

    private static void TakeIds(Profile profile, in ActivityRecord record, Transition transition)
    {
        if (!record.UserId.IsEmpty && profile.SetUserId(record.UserId))
            transition.HasChangedProfile = true;
        if (!record.DeviceId.IsEmpty && profile.SetDeviceId(record.DeviceId))
            transition.HasChangedProfile = true;
    }

    private void Identify(CohortPlan plan, Profile profile, in ActivityRecord record, Transition transition)
    {
        var hash = InsertHash.Of(record.Type == ActivityType.Event ? record.Event : "$identify"u8, record.InsertId);
        if (hash != RememberedEvents.NoInsertId)
        {
            if (profile.IdentifyHashes.Contains(hash))
            {
                transition.IsRepeatedIdentify = true;
                return;
            }

            profile.AddIdentifyHash(hash);
            transition.HasChangedProfile = true;
        }

        _identify.Apply(record.UserProperties, profile.Properties, transition.Identify);
        for (var i = 0; i < transition.Identify.ChangedCount; i++)
        {
            _dirty.Add(plan.Index.OfProperty(transition.Identify.ChangedName(i)));
            transition.HasChangedProfile = true;
        }
    }

    private void Remember(CohortPlan plan, Profile profile, in ActivityRecord record, long instant, Transition transition)
    {
        var eventPlan = plan.Index.OfEvent(record.Event);
        if (eventPlan.IsEmpty)
            return;
        if (eventPlan.UsesProperties)
            _values.Properties.Load(record.Properties);
        if (eventPlan.UsesContext)
            _values.Context.Load(record.Context);
        _matched.Find(eventPlan, _values);
        var time = Clock.EventTime(record.Time, record.Timestamp);
        var hash = InsertHash.Of(record.Event, record.InsertId);
        foreach (ref readonly var matched in _matched.Found)
        {
            var (memory, range) = (matched.Kind.Memory, matched.Kind.Range);
            _values.Resolve(memory.Of);
            var occurrence = new Occurrence(time, hash, _values.Candidates, matched.Steps);
            if (!memory.IsUseful(occurrence, range, instant))
                continue;
            var events = profile.BehaviorOf(matched.Slot, memory.Value);
            events.Kind = matched.Kind;
            if (events.Has(hash, time, record.Time is not null))
            {
                transition.Duplicates++;
                continue;
            }

            var wasApproximate = events.IsApproximate;
            memory.Remember(events, occurrence);
            while (memory.KeepsEveryEvent && events.Count > rememberedEventsMax)
                memory.DropOldest(events);
            if (events.IsApproximate && !wasApproximate)
                transition.BehaviorsMadeApproximate++;
        }
    }

    /// <summary>Looks again at the cohorts that may have flipped, and lets members of deleted ones exit; changes come in the order of cohort ids.</summary>
    private void Evaluate(CohortPlan plan, Profile profile, ReadOnlySpan<PlannedCohort> removed, Transition transition)
    {
        transition.BehaviorsMadeApproximate += ProfileBounds.Keep(plan.Index, profile);
        BehaviorSlides.MarkCrossed(plan.Index, profile, _areAllSlid, _dirty);
        var seconds = Instant.FloorToSeconds(transition.At);
        transition.ComputedAt = profile.Version == 0 ? seconds : Math.Max(seconds, profile.ComputedAt + 1);
        _flips.Clear();
        foreach (var cohort in removed)
            Change(profile, cohort, false, transition);
        while (_dirty.TryTake(out var place))
        {
            var cohort = plan.Cohorts[place];
            if (Change(profile, cohort, cohort.Condition.Holds(profile, _scratch), transition))
                _dirty.Add(plan.Index.Order.DependentsOf(place));
        }

        _flips.Sort(static (left, right) => left.Cohort.Id.SequenceCompareTo(right.Cohort.Id));
        foreach (var (cohort, change, enteredAt) in _flips)
        {
            profile.Version++;
            if (change == MembershipChange.Enter)
                profile.NumberMembership(cohort.Slot, profile.Version);
            transition.Add(new MembershipStep(cohort, change, enteredAt, profile.Version));
        }
    }

    /// <summary>Takes the profile in or out, if it is not so already. Versions come when all changes are known.</summary>
    private bool Change(Profile profile, PlannedCohort cohort, bool isIn, Transition transition)
    {
        if (profile.TryGetMembership(cohort.Slot, out var membership) == isIn)
            return false;
        if (isIn)
            profile.AddMembership(new(cohort.Slot, transition.At, Version: 0, transition.ComputedAt));
        else
            profile.RemoveMembership(cohort.Slot);
        _flips.Add(isIn ? new(cohort, MembershipChange.Enter, transition.At) : new(cohort, MembershipChange.Exit, membership.EnteredAt));
        return true;
    }

    /// <summary>Rows of members that did not change, of cohorts for which <paramref name="isStale"/> says that what they export is another now.</summary>
    private static void AddRewrites(CohortPlan plan, Profile profile, Func<PlannedCohort, Transition, bool> isStale, Transition transition)
    {
        var firstChange = profile.Version - transition.Changes.Count + 1;
        foreach (var membership in profile.Memberships)
        {
            var cohort = plan.Cohorts[plan.Index.PlaceOf(membership.CohortSlot)];
            if (membership.Version < firstChange && isStale(cohort, transition))
                transition.Add(new RowRewrite(cohort, membership));
        }

        transition.SortRewrites();
    }

    private static bool ExportsWhatChanged(PlannedCohort cohort, Transition transition)
    {
        if (cohort.ExportsAll)
            return true;
        foreach (var name in cohort.Exports)
        {
            if (transition.Identify.HasChanged(name))
                return true;
        }

        return false;
    }

    private void End(CohortPlan plan, Profile profile, Transition transition, bool areTimesNew = false)
    {
        transition.HasChangedProfile |= BehaviorSlides.Settle(plan.Index, profile, _areAllSlid, _scratch);
        if (areTimesNew || profile.NextPropertyFlip <= profile.LastInstant)
            profile.NextPropertyFlip = PropertyMoments.NextFlip(plan.Index, profile, profile.LastInstant, _scratch);
        profile.NextTimer = Math.Min(profile.NextTimer, profile.NextPropertyFlip);
        if (transition.Changes.Count == 0)
            return;
        profile.ComputedAt = transition.ComputedAt;
        transition.HasChangedProfile = true;
    }

    private static void CheckGeneration(Profile profile, int expected)
    {
        if (profile.PlanGeneration != expected)
            throw new InvalidOperationException($"expected a profile of plan generation {expected}, found {profile.PlanGeneration}");
    }

    /// <summary>A membership that changes; of an exit, <paramref name="EnteredAt"/> is when it began.</summary>
    private readonly record struct Flip(PlannedCohort Cohort, MembershipChange Change, long EnteredAt);
}
