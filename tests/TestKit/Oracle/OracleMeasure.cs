using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A number found from the matching events in range, and the bound that it is held against.</summary>
internal abstract class OracleMeasure
{
    private static readonly string[] Names = ["count", "days", "distinct", "sum", "avg", "min", "max", "nth"];

    /// <summary>What must be remembered for it: part of the behavior's identity.</summary>
    public abstract string Needs { get; }

    /// <inheritdoc cref="OracleBehavior.KeepsEveryEvent"/>
    public virtual bool KeepsEveryEvent => false;

    /// <summary>Whether the event has what is measured.</summary>
    public virtual bool Matches(OracleEvent @event) => true;

    /// <param name="events">All that match, in order of their times and then of arrival.</param>
    /// <param name="isInRange">The range at the instant in question.</param>
    public abstract bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange);

    /// <inheritdoc cref="OracleBehavior.Remembered"/>
    public abstract IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange);

    /// <summary>The measure of a <c>did</c>; without one it is at least once.</summary>
    public static OracleMeasure Parse(JsonElement did, OracleCalendar calendar)
    {
        var name = Names.SingleOrDefault(name => did.TryGetProperty(name, out _));
        if (name is null)
            return new CountMeasure(OracleBound.AtLeast(1));
        var json = did.GetProperty(name);
        return name switch
        {
            "count" => new CountMeasure(OracleBound.Parse(json)),
            "days" => new DaysMeasure(OracleBound.Parse(json), calendar),
            "distinct" => new DistinctMeasure(json.GetProperty("of").GetString()!, OracleBound.Parse(json)),
            "nth" => new NthMeasure(json.GetInt32()),
            _ => new NumberMeasure(name, json.GetProperty("of").GetString()!, OracleBound.Parse(json)),
        };
    }

    /// <summary>Of equally new ones that which came first: another at the same time says nothing new.</summary>
    private static OracleEvent Newest(IEnumerable<OracleEvent> events) => events.MaxBy(@event => @event.Time)!;

    private sealed class CountMeasure(OracleBound bound) : OracleMeasure
    {
        public override string Needs => $"the newest {bound.Needed}";

        public override bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) => bound.Holds(events.Count(isInRange));

        public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) =>
            events.Where(isInRange).TakeLast(bound.Needed);
    }

    private sealed class DaysMeasure(OracleBound bound, OracleCalendar calendar) : OracleMeasure
    {
        public override string Needs => $"the newest {bound.Needed} dates of {calendar.Name}";

        public override bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) =>
            bound.Holds(events.Where(isInRange).Select(@event => calendar.DateOf(@event.Time)).Distinct().Count());

        public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) =>
            events.Where(isInRange).GroupBy(@event => calendar.DateOf(@event.Time)).Select(Newest).TakeLast(bound.Needed);
    }

    private sealed class DistinctMeasure(string path, OracleBound bound) : OracleMeasure
    {
        public override string Needs => $"the newest {bound.Needed} values of {path}";

        public override bool Matches(OracleEvent @event) => @event.Find(path) is { ValueKind: not JsonValueKind.Null };

        public override bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) =>
            bound.Holds(events.Where(isInRange).SelectMany(Values).Distinct().Count());

        public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) =>
            events.Where(isInRange)
                .SelectMany(@event => Values(@event).Distinct(), (@event, value) => (Event: @event, Value: value))
                .GroupBy(use => use.Value, use => use.Event)
                .Select(Newest)
                .OrderBy(@event => @event.Time)
                .ThenBy(@event => @event.Offset)
                .TakeLast(bound.Needed);

        private IEnumerable<object> Values(OracleEvent @event) => OracleValues.Scalars(@event.Find(path)).Select(OracleValues.Key);
    }

    /// <summary>Sum, average, least or greatest of numbers in 10⁻⁹.</summary>
    private sealed class NumberMeasure(string name, string path, OracleBound bound) : OracleMeasure
    {
        private const decimal SizeMax = 1_000_000_000_000_000;

        public override string Needs => $"all numbers of {path}";

        public override bool KeepsEveryEvent => true;

        public override bool Matches(OracleEvent @event) =>
            @event.Find(path) is { } value && OracleValues.Numeric(value) is { } number && Math.Abs(number) < SizeMax;

        public override bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange)
        {
            var numbers = events.Where(isInRange).Select(@event => OracleBound.InBillionths(OracleValues.Numeric(@event.Find(path)!.Value)!.Value)).ToList();
            return name switch
            {
                "sum" => bound.Holds(numbers.Aggregate(System.Numerics.BigInteger.Zero, (sum, number) => sum + number), 1),
                "avg" => numbers.Count > 0 && bound.Holds(numbers.Aggregate(System.Numerics.BigInteger.Zero, (sum, number) => sum + number), numbers.Count),
                "min" => numbers.Count > 0 && bound.Holds(numbers.Min(), 1),
                _ => numbers.Count > 0 && bound.Holds(numbers.Max(), 1),
            };
        }

        public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) => events.Where(isInRange);
    }

    /// <summary>The n-th event ever lies in the range.</summary>
    private sealed class NthMeasure(int n) : OracleMeasure
    {
        public override string Needs => $"the oldest {n}";

        public override bool Holds(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) => events.Count >= n && isInRange(events[n - 1]);

        public override IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, Func<OracleEvent, bool> isInRange) => events.Take(n);
    }
}
