using System.Collections.Concurrent;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>
/// The dates of a time zone. A date begins at the first instant at which clocks there show its midnight or later: where they
/// skip it, that is the instant after the gap, where they show it twice, the earlier. It lasts until the next one begins, even
/// where clocks are set back to the date before meanwhile, so that dates never go back.
/// </summary>
internal sealed class OracleCalendar
{
    private const long Second = 1_000;
    private const long Minute = 60_000;
    private const long FarthestOffset = 15 * 60 * Minute;

    private static readonly ConcurrentDictionary<string, OracleCalendar> Known = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<DateOnly, long> _firstInstants = [];
    private readonly TimeZoneInfo _zone;

    private OracleCalendar(string name)
    {
        Name = name;
        _zone = TimeZoneInfo.FindSystemTimeZoneById(name);
    }

    public string Name { get; }

    public static OracleCalendar Of(string timeZone) => Known.GetOrAdd(timeZone, name => new(name));

    public DateOnly DateOf(long instant)
    {
        var date = DateOnly.FromDateTime(Local(instant)).AddDays(1);
        while (FirstInstantOf(date) > instant)
            date = date.AddDays(-1);
        return date;
    }

    public long FirstInstantOf(DateOnly date) => _firstInstants.GetOrAdd(date, FindFirstInstant);

    /// <summary>Looks at every minute, and then at every second of the one in which the date begins.</summary>
    private long FindFirstInstant(DateOnly date)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue);
        var instant = new DateTimeOffset(midnight, TimeSpan.Zero).ToUnixTimeMilliseconds() - FarthestOffset;
        while (Local(instant + Minute) < midnight)
            instant += Minute;
        while (Local(instant) < midnight)
            instant += Second;
        return instant;
    }

    private DateTime Local(long instant) => TimeZoneInfo.ConvertTimeFromUtc(DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime, _zone);
}
