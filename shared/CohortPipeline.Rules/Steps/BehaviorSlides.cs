using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>
/// What time does to the events a profile remembers. Where an instant comes before everything that the profile waits for,
/// time does nothing, and a step looks at the behaviors alone that it touches; otherwise it looks at all of them.
/// </summary>
internal static class BehaviorSlides
{
    /// <summary>Whether time may have moved something by an instant.</summary>
    public static bool AreDue(Profile profile, long instant) => instant >= profile.NextSlide || instant >= profile.NextTimer;

    /// <summary>Begins a step that looks at those behaviors alone that it touches.</summary>
    public static void LeaveAlone(Profile profile)
    {
        foreach (var events in profile.Behaviors.Loaded)
            events.BeginStep();
    }

    /// <summary>Begins a step that slides every range to the instant. Behaviors that the plan does not know are forgotten.</summary>
    public static void SlideAll(PlanIndex plan, Profile profile, long instant)
    {
        profile.Behaviors.LoadAll();
        for (var i = profile.BehaviorCount - 1; i >= 0; i--)
        {
            var events = profile.BehaviorAt(i);
            events.BeginStep();
            if ((events.Kind = plan.KindOf(events.Slot)) is { } kind)
                kind.Memory.Slide(events, kind.Range, instant);
            else
                profile.Behaviors.Remove(events);
        }
    }

    /// <summary>Marks the cohorts of every bound that was crossed since the step began.</summary>
    /// <param name="areAllSlid">It began with <see cref="SlideAll"/>.</param>
    public static void MarkCrossed(PlanIndex plan, Profile profile, bool areAllSlid, DirtyCohorts dirty)
    {
        foreach (var events in profile.Behaviors.Loaded)
        {
            if (!events.IsTouched && !areAllSlid)
                continue;
            var kind = events.Kind ??= plan.KindOf(events.Slot)!;
            if (kind.Memory.IsJudgedWhole)
                dirty.Add(plan.OfBehavior(events.Slot)!.Cohorts);
            if (!events.IsTouched || (events.Value != RememberedValue.Number && kind.LeastCountLike(events.CountBefore) == kind.LeastCountLike(events.Count)))
                continue;
            var (before, after) = (events.TallyBefore, events.Tally);
            foreach (var thresholds in plan.OfBehavior(events.Slot)!.Thresholds)
                thresholds.MarkCrossed(before.Value(thresholds.Function), after.Value(thresholds.Function), dirty);
        }
    }

    /// <summary>Forgets what has become empty, and finds what the profile waits for now. Of behaviors that were left alone nothing is earlier than it was.</summary>
    /// <param name="areAllSlid">The step began with <see cref="SlideAll"/>.</param>
    /// <returns>Whether something is remembered or forgotten since the step began.</returns>
    public static bool Settle(PlanIndex plan, Profile profile, bool areAllSlid, Scratch scratch)
    {
        var (timer, slide) = areAllSlid ? (Profile.NoTimer, Profile.NoTimer) : (profile.NextTimer, profile.NextSlide);
        var areTouched = false;
        for (var i = profile.Behaviors.Loaded.Length - 1; i >= 0; i--)
        {
            var events = profile.Behaviors.Loaded[i];
            areTouched |= events.IsTouched;
            if (!events.IsTouched && !areAllSlid)
                continue;
            if (events.IsEmpty && !events.IsApproximate)
            {
                profile.Behaviors.Remove(events);
                continue;
            }

            var kind = events.Kind!;
            timer = Math.Min(timer, kind.Memory.NextFlip(events, kind, profile.LastInstant, scratch));
            slide = Math.Min(slide, kind.Memory.NextSlide(events, kind.Range));
        }

        (profile.NextTimer, profile.NextSlide) = (timer, slide);
        return areTouched;
    }
}
