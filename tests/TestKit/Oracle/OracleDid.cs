using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A measure of matching events in a range, held against a bound.</summary>
internal sealed class OracleDid(OracleMeasuredBehavior behavior, OracleMeasure measure) : OracleClause, IOracleBehaviorClause
{
    public OracleBehavior Behavior => behavior;

    public override bool Holds(OracleMoment moment)
    {
        var events = moment.Profile.EventsOf(behavior);
        return measure.Holds(events, @event => behavior.Range.Contains(@event.Time, moment.Instant));
    }

    public static new OracleDid Parse(JsonElement json, OracleCalendar calendar)
    {
        var measure = OracleMeasure.Parse(json, calendar);
        return new(new(OracleSelection.Parse(json), measure, OracleRange.Parse(json, calendar)), measure);
    }
}

/// <summary>The events that a measure looks at.</summary>
internal sealed class OracleMeasuredBehavior(OracleSelection selection, OracleMeasure measure, OracleRange range)
    : OracleBehavior($"{selection.Text} {range.Text} needs {measure.Needs}", range)
{
    public override bool KeepsEveryEvent => measure.KeepsEveryEvent;

    public override bool CountsForgotten => Range.IsEver;

    public override bool Matches(OracleEvent @event) => selection.Matches(@event) && measure.Matches(@event);

    public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, long instant) =>
        measure.Remembered(events, @event => Range.Contains(@event.Time, instant));

    public override IEnumerable<long> Flips(IReadOnlyList<OracleEvent> events) => events.Select(@event => Range.LeavesAt(@event.Time)).OfType<long>();
}
