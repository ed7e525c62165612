using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A test of one property of the profile as it is now: operators of filters, time-driven ones, and what it ever was. All must hold.</summary>
internal sealed class OraclePropertyClause(string path, OracleFilter filter, OracleTimedTest[] timed, OracleEver? ever) : OracleClause
{
    private static readonly string[] TimedNames = ["in_last", "in_next", "before", "after"];

    /// <summary>The test of which the profile is asked whether it ever held; null where there is none.</summary>
    public OracleEver? Ever => ever;

    public override bool Holds(OracleMoment moment) =>
        filter.Holds(new(moment.Profile.Properties.Values, OracleSubject.Nothing))
        && timed.All(test => test.Holds(Value(moment.Profile), moment.Instant))
        && (ever is null || moment.Profile.EverHeld(ever));

    public override IEnumerable<long> Flips(OracleProfile profile) => timed.SelectMany(test => test.Flips(Value(profile)));

    public static new OraclePropertyClause Parse(JsonElement json, OracleCalendar calendar)
    {
        var path = json.GetProperty("name").GetString()!;
        var tests = json.EnumerateObject().Where(member => member.Name != "name").ToList();
        var now = tests.Where(member => member.Name != "ever_was" && !TimedNames.Contains(member.Name)).ToDictionary(member => member.Name, member => member.Value);
        return new(
            path,
            OracleFilter.ParseTest(path, JsonSerializer.SerializeToElement(now)),
            [.. tests.Where(member => TimedNames.Contains(member.Name)).Select(member => new OracleTimedTest(member.Name, member.Value.GetString()!, calendar))],
            OracleJson.Member(json, "ever_was") is { } inner ? new(path, OracleFilter.ParseTest(path, inner)) : null);
    }

    private JsonElement? Value(OracleProfile profile) => OracleValues.Find(profile.Properties.Values, path);
}

/// <summary>A test that is true for good once it held.</summary>
internal sealed class OracleEver(string path, OracleFilter filter)
{
    /// <summary>The same for equal tests.</summary>
    public string Identity => $"{path} ever was {filter.Text}";

    public bool HoldsNow(OracleProperties properties) => filter.Holds(new(properties.Values, OracleSubject.Nothing));
}

/// <summary>A value that is an instant, held against the time there is.</summary>
internal sealed class OracleTimedTest(string name, string operand, OracleCalendar calendar)
{
    public bool Holds(JsonElement? value, long now) => Instants(value).Any(instant => name switch
    {
        "in_last" => now - Duration < instant && instant <= now,
        "in_next" => now < instant && instant <= now + Duration,
        "before" => instant < Limit(now),
        _ => instant > Limit(now),
    });

    public IEnumerable<long> Flips(JsonElement? value) => Instants(value).SelectMany(instant => name switch
    {
        "in_last" => [instant, instant + Duration],
        "in_next" => [instant - Duration, instant],
        _ => (long[])[instant, instant + 1],
    });

    private long Duration => OracleDuration.Parse(operand);

    private long Limit(long now) => operand == "now" ? now : OracleTime.Instant(operand, calendar);

    private IEnumerable<long> Instants(JsonElement? value) => OracleValues.Scalars(value).Select(one => OracleTime.OfValue(one, calendar)).OfType<long>();
}
