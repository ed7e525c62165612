using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>What time does to properties that are instants, and which moments of properties are remembered.</summary>
internal static class PropertyMoments
{
    /// <summary>Marks the cohorts that look at a property whose place in time changed after one instant, up to another.</summary>
    public static void MarkFlipped(PlanIndex plan, Profile profile, long after, long instant, DirtyCohorts dirty, Scratch scratch)
    {
        foreach (var timed in plan.Timed)
        {
            scratch.Candidates.Resolve(timed.Path, profile.Properties);
            if (timed.Test.NextFlip(scratch.Candidates, after) <= instant)
                dirty.Add(timed.Cohorts);
        }
    }

    /// <summary>The earliest instant after <paramref name="instant"/> at which a property's place in time changes.</summary>
    public static long NextFlip(PlanIndex plan, Profile profile, long instant, Scratch scratch)
    {
        var next = Profile.NoTimer;
        foreach (var timed in plan.Timed)
        {
            scratch.Candidates.Resolve(timed.Path, profile.Properties);
            next = Math.Min(next, timed.Test.NextFlip(scratch.Candidates, instant));
        }

        return next;
    }

    /// <summary>Remembers the instant for each property that is now, for the first time, what a cohort asks whether it ever was.</summary>
    public static void Remember(ReadOnlySpan<PlannedMoment> moments, Profile profile, long instant, Scratch scratch)
    {
        foreach (var moment in moments)
        {
            if (profile.FindBehavior(moment.Slot) is null && moment.Memory.Holds(profile, scratch.Candidates))
                profile.BehaviorOf(moment.Slot).Insert(instant, RememberedEvents.NoInsertId);
        }
    }
}
