using System.Text.Json;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>The newest events in range: what <c>count</c> needs.</summary>
internal sealed class NewestEvents(int max) : CountingMemory
{
    public override void Remember(RememberedEvents events, in Occurrence occurrence)
    {
        if (events.Count < max)
        {
            events.Insert(occurrence.Time, occurrence.Hash);
        }
        else if (max > 0 && events.Oldest <= occurrence.Time)
        {
            // Of equal times the one that came last is the newer one.
            events.ReplaceOldest(occurrence.Time, occurrence.Hash);
        }
    }

    public override void WriteKey(Utf8JsonWriter writer) => writer.WriteNumber("newest"u8, max);
}
