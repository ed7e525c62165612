using System.Text.Json;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>The newest time of each of the newest values of a property, by 64 bits of a hash of each: what <c>distinct</c> needs.</summary>
internal sealed class NewestValues(int max, PropertyPath of) : CountingMemory
{
    public override PropertyPath Of => of;

    public override RememberedValue Value => RememberedValue.Hash;

    public override bool IsUseful(in Occurrence occurrence, EventRange range, long instant) =>
        occurrence.Values.Exists && base.IsUseful(occurrence, range, instant);

    public override void Remember(RememberedEvents events, in Occurrence occurrence)
    {
        for (var i = 0; i < occurrence.Values.Count; i++)
            Remember(events, occurrence, (Int128)ValueHash.Of(occurrence.Values, i));
    }

    public override void WriteKey(Utf8JsonWriter writer)
    {
        writer.WriteNumber("newest_values"u8, max);
        writer.WriteString("of"u8, of.Text);
    }

    private void Remember(RememberedEvents events, in Occurrence occurrence, Int128 value)
    {
        var known = events.Values.IndexOf(value);
        if (known >= 0)
        {
            if (events.Times[known] >= occurrence.Time)
                return;
            events.RemoveAt(known);
        }
        else if (events.Count == max)
        {
            if (max > 0 && events.Oldest <= occurrence.Time)
                events.ReplaceOldest(occurrence.Time, occurrence.Hash, value);
            return;
        }

        events.Insert(occurrence.Time, occurrence.Hash, value);
    }
}
