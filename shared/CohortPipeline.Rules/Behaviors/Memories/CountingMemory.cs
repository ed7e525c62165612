using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>Remembers the newest of what is counted, as many as decide every bound. Time passing only lowers the count.</summary>
internal abstract class CountingMemory : EventMemory
{
    public sealed override NextFlip NextFlip(RememberedEvents events, PlannedBehavior planned, long instant, Scratch scratch)
    {
        var range = planned.Behavior.Range;
        var kept = 0;
        foreach (var thresholds in planned.Thresholds)
            kept = Math.Max(kept, thresholds.LeastCountKept(events.Count));
        if (kept == 0)
            return default;
        var first = events.Count - kept;
        return first == 0 && range.LeavesAt(events.Oldest) != Ranges.EventRange.Never
            ? Memories.NextFlip.OldestLeaves
            : Memories.NextFlip.At(range.LeavesAt(events.Times[first]));
    }
}
