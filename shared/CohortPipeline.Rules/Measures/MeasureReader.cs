using System.Collections.Immutable;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Measures;

/// <summary>Reads the measure of a <c>did</c>, but for <c>nth</c>, which has no bound.</summary>
internal static class MeasureReader
{
    private const string Of = "of";

    public static ImmutableArray<string> Names { get; } = ["count", "days", "distinct", "sum", "avg", "min", "max"];

    /// <param name="cursor">At the <c>did</c>.</param>
    /// <param name="range">That the measure looks at.</param>
    /// <param name="calendar">Of the definition's time zone.</param>
    public static Measure? Read(Cursor cursor, SourceMember member, EventRange range, ZoneCalendar calendar)
    {
        var value = cursor.Member(member);
        switch (member.Name)
        {
            case "count":
                return BoundReader.OfCounts.Read(value) is { } events ? new(member.Name, new NewestEvents(events.CountNeeded), MeasureFunction.Count, events) : null;
            case "days":
                return BoundReader.OfCounts.Read(value) is { } days ? new(member.Name, new NewestDates(days.CountNeeded, calendar), MeasureFunction.Count, days) : null;
            case "distinct":
                return ReadOf(value, BoundReader.OfCounts) is var (values, bound) ? new(member.Name, new NewestValues(bound.CountNeeded, values), MeasureFunction.Count, bound, values) : null;
            default:
                return ReadOf(value, BoundReader.OfNumbers) is var (numbers, limit) ? new(member.Name, new EveryValue(numbers, range.IsEver), FunctionOf(member.Name), limit, numbers) : null;
        }
    }

    private static MeasureFunction FunctionOf(string name) => name switch
    {
        "sum" => MeasureFunction.Sum,
        "avg" => MeasureFunction.Average,
        "min" => MeasureFunction.Least,
        _ => MeasureFunction.Greatest,
    };

    /// <summary>An object of <c>of</c> and a bound.</summary>
    private static (PropertyPath Of, Bound Bound)? ReadOf(Cursor cursor, BoundReader bounds)
    {
        if (cursor.Members("an object with `of`, the path of a property, and a bound") is not { } members)
            return null;
        PropertyPath? of = null;
        if (members.FirstOrDefault(member => member.Name == Of) is not { } named)
            cursor.Error("no `of`", "the path of the property that is measured");
        else if (cursor.Member(named) is var value && value.Text("the path of an event's property, a text") is { } text)
            of = PropertyPath.Read(value, text, PathScope.Event);
        var bound = bounds.Read(cursor, [.. members.Where(member => member.Name != Of)]);
        return of is null || bound is null ? null : (of, bound);
    }
}
