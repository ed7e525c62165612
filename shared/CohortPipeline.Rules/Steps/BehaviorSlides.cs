using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>What time does to the events a profile remembers.</summary>
internal static class BehaviorSlides
{
    /// <summary>Slides every range to the instant. Behaviors that the plan does not know are forgotten.</summary>
    public static void Slide(PlanIndex plan, Profile profile, long instant)
    {
        for (var i = profile.BehaviorCount - 1; i >= 0; i--)
        {
            var events = profile.BehaviorAt(i);
            if (plan.OfBehavior(events.Slot) is not { } planned)
            {
                profile.RemoveBehaviorAt(i);
                continue;
            }

            var range = planned.Behavior.Range;
            events.BeginStep(events.NextFlip(range) <= instant);
            planned.Behavior.Memory.Slide(events, range, instant);
        }
    }

    /// <summary>Marks the cohorts of every bound that was crossed since <see cref="Slide"/> began.</summary>
    public static void MarkCrossed(PlanIndex plan, Profile profile, DirtyCohorts dirty)
    {
        for (var i = 0; i < profile.BehaviorCount; i++)
        {
            var events = profile.BehaviorAt(i);
            if (!events.IsTouched && !events.IsFlipDue)
                continue;
            var planned = plan.OfBehavior(events.Slot)!;
            if (planned.Behavior.Memory.IsJudgedWhole)
                dirty.Add(planned.Cohorts);
            var (before, after) = (events.TallyBefore, events.Tally);
            foreach (var thresholds in planned.Thresholds)
                thresholds.MarkCrossed(before.Value(thresholds.Function), after.Value(thresholds.Function), dirty);
        }
    }

    /// <summary>
    /// Forgets what has become empty, and finds the earliest instant at which time alone could flip something. Of a behavior
    /// that was left alone it is known, but under another plan.
    /// </summary>
    public static long Settle(PlanIndex plan, Profile profile, bool isPlanNew, Scratch scratch)
    {
        var next = Profile.NoTimer;
        for (var i = profile.BehaviorCount - 1; i >= 0; i--)
        {
            var events = profile.BehaviorAt(i);
            if (events.IsEmpty && !events.IsApproximate)
            {
                profile.RemoveBehaviorAt(i);
                continue;
            }

            var planned = plan.OfBehavior(events.Slot)!;
            if (events.IsTouched || events.IsFlipDue || isPlanNew)
                events.SetNextFlip(planned.Behavior.Memory.NextFlip(events, planned, profile.LastInstant, scratch));
            next = Math.Min(next, events.NextFlip(planned.Behavior.Range));
        }

        return next;
    }
}
