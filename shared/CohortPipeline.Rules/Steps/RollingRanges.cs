using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>What time does to the events a profile remembers.</summary>
internal static class RollingRanges
{
    /// <summary>Slides every range to the instant, and notes how many events there were before. Behaviors that the plan does not know are forgotten.</summary>
    public static void Slide(PlanIndex plan, Profile profile, long instant)
    {
        for (var i = profile.BehaviorCount - 1; i >= 0; i--)
        {
            var events = profile.BehaviorAt(i);
            if (plan.OfBehavior(events.Slot) is not { } behavior)
            {
                profile.RemoveBehaviorAt(i);
                continue;
            }

            events.CountBefore = events.Count;
            events.DropUntil(behavior.Behavior.RangeStart(instant));
        }
    }

    /// <summary>Marks the cohorts of every bound that was crossed since <see cref="Slide"/> began.</summary>
    public static void MarkCrossed(PlanIndex plan, Profile profile, DirtyCohorts dirty)
    {
        for (var i = 0; i < profile.BehaviorCount; i++)
        {
            var events = profile.BehaviorAt(i);
            if (events.Count == events.CountBefore)
                continue;
            foreach (var threshold in plan.OfBehavior(events.Slot)!.Thresholds)
            {
                if (threshold.Holds(events.Count) != threshold.Holds(events.CountBefore))
                    dirty.Add(threshold.Cohorts);
            }
        }
    }

    /// <summary>
    /// Forgets what has become empty, and finds the earliest instant at which a bound is crossed by time alone. Of a behavior
    /// that did not change it is known, but under another plan.
    /// </summary>
    public static long Settle(PlanIndex plan, Profile profile, bool isPlanNew)
    {
        var next = Profile.NoTimer;
        for (var i = profile.BehaviorCount - 1; i >= 0; i--)
        {
            var events = profile.BehaviorAt(i);
            if (events.Count == 0 && !events.IsApproximate)
            {
                profile.RemoveBehaviorAt(i);
                continue;
            }

            if (events.HasChanged || isPlanNew)
                events.SetNextFlip(NextFlip(plan.OfBehavior(events.Slot)!, events));
            next = Math.Min(next, events.NextFlip);
        }

        return next;
    }

    private static long NextFlip(PlannedBehavior behavior, RememberedEvents events)
    {
        var next = Profile.NoTimer;
        if (behavior.Behavior.Within is not { } within)
            return next;
        foreach (var threshold in behavior.Thresholds)
            next = Math.Min(next, NextFlip(threshold, events.Times, within));
        return next;
    }

    /// <summary>An event at e is out of the range from e + within on. Nothing but that happens by time alone, so a count only falls.</summary>
    private static long NextFlip(Threshold threshold, ReadOnlySpan<long> times, long within)
    {
        var count = times.Length;
        if (threshold.Holds(count))
            return threshold.Least == 0 ? Profile.NoTimer : times[count - threshold.Least] + within;
        if (count < threshold.Least || threshold.Greatest < threshold.Least)
            return Profile.NoTimer;
        var last = times[count - threshold.Greatest - 1];
        var left = count - threshold.Greatest;
        while (left < count && times[left] == last)
            left++;
        return threshold.Holds(count - left) ? last + within : Profile.NoTimer;
    }
}
