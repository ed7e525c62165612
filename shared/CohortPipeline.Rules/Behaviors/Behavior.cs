using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Filters;

namespace CohortPipeline.Rules.Behaviors;

/// <summary>A measured kind of event: which events, with what filter, in what range, and how many of them must be remembered. Equal ones are kept once for each profile.</summary>
public sealed class Behavior
{
    internal Behavior(DidClause clause)
    {
        Events = clause.Events;
        Where = clause.Where;
        Within = clause.Within;
        EventsNeeded = clause.Count.EventsNeeded;
        Key = CanonicalJson.ToText(writer =>
        {
            writer.WriteStartObject();
            clause.WriteMatched(writer);
            writer.WriteNumber("newest"u8, EventsNeeded);
            writer.WriteEndObject();
        });
        FilterKey = CanonicalJson.ToText(Where.Write);
    }

    public EventSelection Events { get; }

    public Filter Where { get; }

    /// <summary>Length of the rolling range in milliseconds; null: ever.</summary>
    public long? Within { get; }

    /// <summary>How many of the newest events in range a profile remembers.</summary>
    public int EventsNeeded { get; }

    /// <summary>The same for equal behaviors, and for these alone.</summary>
    public string Key { get; }

    internal string FilterKey { get; }

    /// <summary>Events up to this time have left the range at <paramref name="instant"/>.</summary>
    internal long RangeStart(long instant) => Within is { } within ? instant - within : long.MinValue;
}
