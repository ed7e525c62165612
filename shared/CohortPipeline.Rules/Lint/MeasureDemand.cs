using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Lint;

/// <summary>What a <c>did</c>, or its negation, demands of a measure: a value from one edge on, and until another.</summary>
internal sealed class MeasureDemand
{
    private readonly DidClause _clause;
    private readonly Measure _measure;
    private readonly Edge? _from;
    private readonly Edge? _until;

    private MeasureDemand(DidClause clause, Measure measure, Edge? from, Edge? until)
    {
        _clause = clause;
        _measure = measure;
        (_from, _until) = (Whole(from), Whole(until));
    }

    /// <summary>More events never make it less.</summary>
    private bool Grows => _measure.Function == MeasureFunction.Count;

    /// <summary>Null for what is no such demand: other clauses, <c>nth</c>, negations that leave two ranges or are true without a value.</summary>
    public static MeasureDemand? Of(Demand demand)
    {
        if (demand.Clause is not DidClause { Measure: { } measure } clause)
            return null;
        var bound = measure.Bound;
        var (atLow, aboveHigh) = (new Edge(bound.Low, IsAbove: false), new Edge(bound.High, IsAbove: true));
        (Edge? From, Edge? Until) range = bound.Operator switch
        {
            BoundOperator.AtLeast => (atLow, null),
            BoundOperator.MoreThan => (aboveHigh, null),
            BoundOperator.AtMost => (null, aboveHigh),
            BoundOperator.LessThan => (null, atLow),
            _ => (atLow, aboveHigh),
        };
        if (!demand.IsNegated)
            return new(clause, measure, range.From, range.Until);
        var hasAlwaysValue = measure.Function is MeasureFunction.Count or MeasureFunction.Sum;
        var startsAtNothing = measure.Function == MeasureFunction.Count && bound.Low == 0;
        if (!hasAlwaysValue || (range is { From: not null, Until: not null } && !startsAtNothing))
            return null;
        return range.Until is { } until ? new(clause, measure, until, null) : new(clause, measure, null, range.From);
    }

    /// <summary>No history satisfies both.</summary>
    public bool Excludes(MeasureDemand other)
    {
        if (_measure.Name != other._measure.Name || _measure.Of?.Text != other._measure.Of?.Text)
            return false;
        if (IsSameAs(other))
            return Ends(_until, other._from) || Ends(other._until, _from);
        return Grows && ((IsPartOf(other) && Ends(other._until, _from)) || (other.IsPartOf(this) && Ends(_until, other._from)));
    }

    /// <summary>What is to stay below an edge does not get from the other on.</summary>
    private static bool Ends(Edge? until, Edge? from) => until is { } end && from is { } start && end.CompareTo(start) <= 0;

    private bool IsSameAs(MeasureDemand other) => Covers(_clause.Match, other._clause.Match) && Covers(other._clause.Match, _clause.Match) && RangeKey(_clause.Range) == RangeKey(other._clause.Range);

    /// <summary>Every event that counts here counts there.</summary>
    private bool IsPartOf(MeasureDemand other) => Covers(other._clause.Match, _clause.Match) && Covers(other._clause.Range, _clause.Range);

    private static bool Covers(EventMatch wide, EventMatch narrow) =>
        (wide.Events.IsAny || (!narrow.Events.IsAny && narrow.Events.Types.All(wide.Events.Types.Contains)))
        && (wide.Where.IsEverything || wide.FilterKey == narrow.FilterKey);

    private static bool Covers(EventRange wide, EventRange narrow) =>
        wide.IsEver || RangeKey(wide) == RangeKey(narrow) || (wide is RollingRange longer && narrow is RollingRange shorter && shorter.Length <= longer.Length);

    private static string RangeKey(EventRange range) => CanonicalJson.ToText(writer =>
    {
        writer.WriteStartObject();
        range.Write(writer);
        writer.WriteEndObject();
    });

    /// <summary>Counts are whole: above one is from the next on.</summary>
    private Edge? Whole(Edge? edge) => Grows && edge is { IsAbove: true } above ? new(above.Value + 1, IsAbove: false) : edge;
}
