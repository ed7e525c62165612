using System.Text.Json;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>The newest event of each of the newest dates: what <c>days</c> needs.</summary>
internal sealed class NewestDates(int max, ZoneCalendar calendar) : CountingMemory
{
    public override void Remember(RememberedEvents events, in Occurrence occurrence)
    {
        var day = calendar.DayOf(occurrence.Time);
        var place = events.PlaceOf(occurrence.Time);
        if (place < events.Count && calendar.DayOf(events.Times[place]) == day)
            return;
        if (place > 0 && calendar.DayOf(events.Times[place - 1]) == day)
        {
            if (events.Times[place - 1] < occurrence.Time)
                events.Replace(place - 1, occurrence.Time, occurrence.Hash);
            return;
        }

        if (events.Count == max && place == 0)
            return;
        events.Insert(occurrence.Time, occurrence.Hash);
        if (events.Count > max)
            events.DropOldest(1);
    }

    public override void WriteKey(Utf8JsonWriter writer)
    {
        writer.WriteNumber("newest_dates"u8, max);
        writer.WriteString("of_zone"u8, calendar.Name);
    }
}
