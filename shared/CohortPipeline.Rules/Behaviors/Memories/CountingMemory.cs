using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>Remembers the newest of what is counted, as many as decide every bound. Time passing only lowers the count.</summary>
internal abstract class CountingMemory : EventMemory
{
    public sealed override long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch)
    {
        var kept = kind.LeastCountLike(events.Count);
        return kept == 0 ? EventRange.Never : kind.Range.LeavesAt(events.Times[events.Count - kept]);
    }
}
