using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Behaviors;

/// <summary>A measured kind of event: which events, in what range, and what a profile must remember of them. Equal ones are kept once for each profile.</summary>
public sealed class Behavior
{
    internal Behavior(ImmutableArray<EventMatch> matches, EventRange range, EventMemory memory)
    {
        Matches = matches;
        Range = range;
        Memory = memory;
        KindKey = CanonicalJson.ToText(writer =>
        {
            writer.WriteStartObject();
            range.Write(writer);
            range.WriteZone(writer);
            memory.WriteKey(writer);
            writer.WriteEndObject();
        });
        Key = KindKey + CanonicalJson.ToText(writer =>
        {
            writer.WriteStartArray();
            foreach (var match in matches)
            {
                writer.WriteStartObject();
                match.WriteMembers(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>The events it is about; of a sequence one a step, and none for what looks at properties alone.</summary>
    public ImmutableArray<EventMatch> Matches { get; }

    public EventRange Range { get; }

    /// <summary>The same for equal behaviors, and for these alone.</summary>
    public string Key { get; }

    /// <summary>The same for behaviors of equal range and memory, whatever events they are about, and for these alone.</summary>
    internal string KindKey { get; }

    internal EventMemory Memory { get; }
}

/// <summary>Events of some types that satisfy a filter.</summary>
public sealed class EventMatch
{
    internal EventMatch(EventSelection events, Filter where)
    {
        Events = events;
        Where = where;
        FilterKey = CanonicalJson.ToText(where.Write);
    }

    public EventSelection Events { get; }

    public Filter Where { get; }

    /// <summary>The same for equal filters, and for these alone.</summary>
    internal string FilterKey { get; }

    internal void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("event"u8);
        Events.Write(writer);
        if (Where.IsEverything)
            return;
        writer.WritePropertyName("where"u8);
        Where.Write(writer);
    }
}
