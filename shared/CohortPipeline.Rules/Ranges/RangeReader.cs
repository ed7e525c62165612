using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Ranges;

/// <summary>Reads the range of a <c>did</c> or a <c>sequence</c>: at most one of its fields.</summary>
internal static class RangeReader
{
    private static readonly Vocabulary Units = new(["days", "weeks", "months"]);

    /// <summary>The ranges of events.</summary>
    public static ImmutableArray<string> OfEvents { get; } = ["within", "since", "between", "calendar"];

    /// <summary>The ranges of a sequence's completion.</summary>
    public static ImmutableArray<string> OfCompletions { get; } = ["within", "since", "between"];

    /// <param name="cursor">At the object that has the members.</param>
    /// <param name="members">Those among its members that are ranges.</param>
    /// <param name="calendar">Of the definition's time zone.</param>
    public static EventRange? Read(Cursor cursor, IReadOnlyList<SourceMember> members, ZoneCalendar calendar)
    {
        if (members.Count == 0)
            return EventRange.Ever;
        foreach (var extra in members.Skip(1))
            cursor.Error(extra.Line, extra.Column, $"`{extra.Name}` beside `{members[0].Name}`", "one range");
        EventRange? range = null;
        foreach (var member in members)
            range = Read(cursor.Member(member), member.Name, calendar);
        return members.Count == 1 ? range : null;
    }

    private static EventRange? Read(Cursor value, string name, ZoneCalendar calendar) => name switch
    {
        "within" => Duration.Read(value) is { } length ? new RollingRange(length) : null,
        "since" => InstantReader.Read(value, calendar) is { } first ? new FixedRange(first, EventRange.Never) : null,
        "between" => ReadBetween(value, calendar),
        _ => ReadCalendar(value, calendar),
    };

    private static FixedRange? ReadBetween(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Items("a list of two instants, [first, end]", 2, 2) is null)
            return null;
        var (first, end) = (InstantReader.Read(cursor.Item(0), calendar), InstantReader.Read(cursor.Item(1), calendar));
        if (first is not { } from || end is not { } to)
            return null;
        if (from < to)
            return new(from, to);
        cursor.Error("an end that is not after the first instant", "the earlier instant first; the end itself is not in the range");
        return null;
    }

    private static CalendarRange? ReadCalendar(Cursor cursor, ZoneCalendar calendar)
    {
        var expectation = $"an object with exactly one of `days` (1 to {DefinitionLimits.CalendarDaysMax}), `weeks` (1 to {DefinitionLimits.CalendarWeeksMax}), `months` (1 to {DefinitionLimits.CalendarMonthsMax})";
        if (cursor.Members(expectation) is not { } members)
            return null;
        Units.RefuseUnknown(cursor, members);
        if (members.Any(member => !Units.Knows(member.Name)))
            return null;
        if (members.Count != 1)
        {
            cursor.Error(members.Count == 0 ? "an empty object" : $"an object with {members.Count} units", expectation);
            return null;
        }

        var unit = (CalendarUnit)Units.Known.IndexOf(members[0].Name);
        var max = unit switch
        {
            CalendarUnit.Days => DefinitionLimits.CalendarDaysMax,
            CalendarUnit.Weeks => DefinitionLimits.CalendarWeeksMax,
            _ => DefinitionLimits.CalendarMonthsMax,
        };
        return WholeNumber.Read(cursor.Member(members[0]), 1, max) is { } count ? new(unit, count, calendar) : null;
    }
}
