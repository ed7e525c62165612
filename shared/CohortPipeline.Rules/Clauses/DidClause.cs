using System.Text.Json;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Rules.Clauses;

/// <summary>A measure of matching events in a range, held against a bound: how many there are.</summary>
public sealed class DidClause : Clause
{
    private static readonly Vocabulary Fields = new(
        ["event", "where", "within", "count"],
        ["since", "between", "calendar", "days", "distinct", "sum", "avg", "min", "max", "nth"]);

    private DidClause(EventSelection events, Filter where, long? within, CountBound count)
    {
        Events = events;
        Where = where;
        Within = within;
        Count = count;
    }

    public EventSelection Events { get; }

    /// <summary>What an event must satisfy to be counted.</summary>
    public Filter Where { get; }

    /// <summary>Length of the rolling range in milliseconds: events with time e, t − within &lt; e ≤ t. Null: ever.</summary>
    public long? Within { get; }

    public CountBound Count { get; }

    internal static DidClause? Read(Cursor cursor)
    {
        if (cursor.Members($"an object with `event` and perhaps {Fields.Expectation}") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        EventSelection? events = null;
        var where = Filter.Everything;
        long? within = null;
        var count = CountBound.AtLeastOne;
        foreach (var member in members)
        {
            var value = cursor.Member(member);
            switch (member.Name)
            {
                case "event": events = EventSelection.Read(value); break;
                case "where": where = Filter.Read(value, PathScope.Event) ?? where; break;
                case "within": within = Duration.Read(value); break;
                case "count": count = CountBound.Read(value) ?? count; break;
                default: Fields.Refuse(cursor, member.Name, member.Line, member.Column); break;
            }
        }

        if (events is null && members.All(member => member.Name != "event"))
            cursor.Error("no `event`", "an event type, a list of event types, or \"*\"");
        return cursor.ErrorCount == errorsBefore ? new(events!, where, within, count) : null;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("did"u8);
        WriteMatched(writer);
        writer.WritePropertyName("count"u8);
        Count.Write(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal override Condition Compile(BehaviorSlots slots) => new CountCondition(slots.Take(new Behavior(this)), Count);

    /// <summary>The fields that say which events count, in which range.</summary>
    internal void WriteMatched(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("event"u8);
        Events.Write(writer);
        if (!Where.IsEverything)
        {
            writer.WritePropertyName("where"u8);
            Where.Write(writer);
        }

        if (Within is { } within)
            writer.WriteString("within"u8, Duration.ToText(within));
    }
}
