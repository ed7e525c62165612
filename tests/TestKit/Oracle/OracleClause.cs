using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A clause of a definition: true or false for a profile at an instant, found from all that the profile did.</summary>
internal abstract record OracleClause
{
    public abstract bool Holds(OracleProfile profile, long instant);

    public abstract IEnumerable<OracleBehavior> Behaviors { get; }

    public static OracleClause Parse(JsonElement json)
    {
        var clause = json.EnumerateObject().Single();
        return clause.Name switch
        {
            "all" => new AllClause([.. clause.Value.EnumerateArray().Select(Parse)]),
            "any" => new AnyClause([.. clause.Value.EnumerateArray().Select(Parse)]),
            "not" => new NotClause(Parse(clause.Value)),
            "did" => ParseDid(clause.Value),
            "property" => new PropertyClause(OracleFilter.ParseTest(clause.Value.GetProperty("name").GetString()!, clause.Value)),
            _ => throw new NotSupportedException($"the oracle does not know the clause `{clause.Name}` yet"),
        };
    }

    private static DidClause ParseDid(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name is not ("event" or "where" or "within" or "count"))
                throw new NotSupportedException($"the oracle does not know `{member.Name}` in `did` yet");
        }

        var bound = OracleJson.Member(json, "count") is { } count ? OracleBound.Parse(count) : new OracleBound(1, int.MaxValue);
        var types = json.GetProperty("event") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(type => type.GetString()!)
            : [json.GetProperty("event").GetString()!];
        var filter = OracleJson.Member(json, "where") is { } where ? OracleFilter.Parse(where) : OracleFilter.Everything;
        long? within = OracleJson.Member(json, "within") is { } duration ? OracleDuration.Parse(duration.GetString()!) : null;
        return new(new(types, filter, within, bound.Needed), bound);
    }
}

internal sealed record AllClause(OracleClause[] Clauses) : OracleClause
{
    public override IEnumerable<OracleBehavior> Behaviors => Clauses.SelectMany(clause => clause.Behaviors);

    public override bool Holds(OracleProfile profile, long instant) => Clauses.All(clause => clause.Holds(profile, instant));
}

internal sealed record AnyClause(OracleClause[] Clauses) : OracleClause
{
    public override IEnumerable<OracleBehavior> Behaviors => Clauses.SelectMany(clause => clause.Behaviors);

    public override bool Holds(OracleProfile profile, long instant) => Clauses.Any(clause => clause.Holds(profile, instant));
}

internal sealed record NotClause(OracleClause Clause) : OracleClause
{
    public override IEnumerable<OracleBehavior> Behaviors => Clause.Behaviors;

    public override bool Holds(OracleProfile profile, long instant) => !Clause.Holds(profile, instant);
}

internal sealed record DidClause(OracleBehavior Behavior, OracleBound Bound) : OracleClause
{
    public override IEnumerable<OracleBehavior> Behaviors => [Behavior];

    public override bool Holds(OracleProfile profile, long instant) =>
        Bound.Holds(profile.EventsOf(Behavior).Count(@event => Behavior.InRange(@event.Time, instant)));
}

internal sealed record PropertyClause(OracleFilter Test) : OracleClause
{
    public override IEnumerable<OracleBehavior> Behaviors => [];

    public override bool Holds(OracleProfile profile, long instant) => Test.Holds(new(profile.Properties.Values, OracleSubject.Nothing));
}

/// <summary>A counted bound: both ends included.</summary>
internal sealed record OracleBound(int Low, int High)
{
    /// <summary>How many of the newest events decide the bound, however many there are.</summary>
    public int Needed => High == int.MaxValue ? Low : High + 1;

    public bool Holds(int count) => count >= Low && count <= High;

    public static OracleBound Parse(JsonElement json)
    {
        var member = json.EnumerateObject().Single();
        return member.Name switch
        {
            "at_least" => new(member.Value.GetInt32(), int.MaxValue),
            "more_than" => new(member.Value.GetInt32() + 1, int.MaxValue),
            "at_most" => new(0, member.Value.GetInt32()),
            "less_than" => new(0, member.Value.GetInt32() - 1),
            "exactly" => new(member.Value.GetInt32(), member.Value.GetInt32()),
            "between" => new(member.Value[0].GetInt32(), member.Value[1].GetInt32()),
            _ => throw new NotSupportedException($"the oracle does not know the bound `{member.Name}`"),
        };
    }
}

/// <summary>A measured kind of event. Equal ones are one behavior, whatever number of definitions use it.</summary>
internal sealed class OracleBehavior(IEnumerable<string> types, OracleFilter filter, long? within, int needed)
{
    private readonly string[] _types = [.. types.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Events, filter, range, and what the measure needs.</summary>
    public string Identity { get; } = $"{string.Join('|', types.Distinct().Order(StringComparer.Ordinal))} where {filter.Text} within {within} newest {needed}";

    public long? Within => within;

    /// <summary>So many of the newest events in range are remembered, and recognized when they come again.</summary>
    public int Needed => needed;

    public bool Matches(OracleEvent @event) =>
        (_types is ["*"] || _types.Contains(@event.Type, StringComparer.Ordinal)) && filter.Holds(new(@event.Properties, @event.Context));

    public bool InRange(long time, long instant) => time <= instant && (within is null || time > instant - within);
}

/// <summary>Durations: sums of weeks, days, hours, minutes and seconds.</summary>
internal static class OracleDuration
{
    public static long Parse(string text)
    {
        var total = 0L;
        var number = 0L;
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character))
            {
                number = (number * 10) + long.Parse(character.ToString(), CultureInfo.InvariantCulture);
                continue;
            }

            total += number * character switch
            {
                's' => 1_000,
                'm' => 60_000,
                'h' => 3_600_000,
                'd' => 86_400_000,
                'w' => 604_800_000,
                _ => throw new FormatException($"`{text}` is no duration"),
            };
            number = 0;
        }

        return total;
    }
}
