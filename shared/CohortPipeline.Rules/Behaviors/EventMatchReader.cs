using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Behaviors;

/// <summary>Reads which events a <c>did</c> or a step is about: <c>event</c>, and perhaps <c>where</c>.</summary>
internal static class EventMatchReader
{
    private const string Event = "event";
    private const string Where = "where";

    public static ImmutableArray<string> Fields { get; } = [Event, Where];

    /// <summary>Null, with an error, for what names no events.</summary>
    public static EventMatch? Read(Cursor cursor, IReadOnlyList<SourceMember> members)
    {
        EventSelection? events = null;
        var where = Filter.Everything;
        foreach (var member in members)
        {
            if (member.Name == Event)
                events = EventSelection.Read(cursor.Member(member));
            else if (member.Name == Where)
                where = Filter.Read(cursor.Member(member), PathScope.Event) ?? where;
        }

        if (members.All(member => member.Name != Event))
            cursor.Error("no `event`", "an event type, a list of event types, or \"*\"");
        return events is null ? null : new(events, where);
    }
}
