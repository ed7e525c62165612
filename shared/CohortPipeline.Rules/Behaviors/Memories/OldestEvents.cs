using System.Text.Json;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>The oldest events ever: what <c>nth</c> needs. The range only judges the last of them, so nothing is forgotten when it leaves.</summary>
internal sealed class OldestEvents(int max) : EventMemory
{
    public override bool IsJudgedWhole => true;

    public override bool IsUseful(in Occurrence occurrence, EventRange range, long instant) => true;

    public override void Remember(RememberedEvents events, in Occurrence occurrence)
    {
        if (events.Count == max)
        {
            if (events.Times[^1] <= occurrence.Time)
                return;
            events.RemoveAt(max - 1);
        }

        events.Insert(occurrence.Time, occurrence.Hash);
    }

    public override void Slide(RememberedEvents events, EventRange range, long instant)
    {
    }

    public override long NextSlide(RememberedEvents events, EventRange range) => EventRange.Never;

    public override long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch)
    {
        if (events.Count < max)
            return EventRange.Never;
        var leaves = kind.Range.LeavesAt(events.Times[^1]);
        return leaves > instant ? leaves : EventRange.Never;
    }

    public override void WriteKey(Utf8JsonWriter writer) => writer.WriteNumber("oldest"u8, max);
}
