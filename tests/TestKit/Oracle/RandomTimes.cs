using System.Globalization;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>
/// The times of a made-up history: a start, a time zone and a grid on which everything lies, windows too, so that records
/// fall exactly on their edges. Coarse grids begin where clocks of the zone change, or months and years do.
/// </summary>
internal sealed class RandomTimes
{
    private const long Second = 1_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private static readonly (string Zone, string Start)[] Places =
    [
        ("UTC", "2026-02-28T12:00:00Z"),
        ("UTC", "2026-12-31T12:00:00Z"),
        ("Europe/Berlin", "2026-03-28T18:00:00Z"),
        ("Europe/Berlin", "2026-10-24T18:00:00Z"),
        ("America/New_York", "2026-03-08T00:00:00Z"),
        ("America/New_York", "2026-10-31T23:00:00Z"),
        ("Africa/Cairo", "2026-04-23T18:00:00Z"), // midnight is skipped
        ("Africa/Cairo", "2026-10-29T17:00:00Z"),
        ("Asia/Beirut", "2026-03-28T18:00:00Z"), // midnight is skipped
        ("Atlantic/Azores", "2026-10-24T20:00:00Z"), // midnight comes twice
        ("America/St_Johns", "2010-11-06T22:00:00Z"), // a date that has begun is taken back for an hour
        ("Asia/Kathmandu", "2026-07-31T12:15:00Z"),
    ];

    private readonly Random _random;
    private readonly long[] _steps;

    public RandomTimes(Random random)
    {
        _random = random;
        (Zone, var start) = Places[random.Next(Places.Length)];
        Start = DateTimeOffset.Parse(start, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        (Grid, _steps) = random.Next(3) switch
        {
            0 => (500, [Second, Second, 2 * Second, 3 * Second, 5 * Second]),
            1 => (30 * Minute, [30 * Minute, Hour, 2 * Hour, 3 * Hour, 5 * Hour, Day]),
            _ => (6 * Hour, (long[])[6 * Hour, 12 * Hour, Day, 2 * Day, 36 * Hour, 7 * Day]),
        };
    }

    public string Zone { get; }

    public long Start { get; }

    /// <summary>Milliseconds between neighbouring times.</summary>
    public long Grid { get; }

    /// <summary>A duration such as <c>1d12h</c>.</summary>
    public string Duration()
    {
        var rest = Pick(_steps);
        var text = "";
        foreach (var (unit, length) in (ReadOnlySpan<(string, long)>)[("d", Day), ("h", Hour), ("m", Minute), ("s", Second)])
        {
            if (rest >= length)
                text += $"{rest / length}{unit}";
            rest %= length;
        }

        return text;
    }

    /// <summary>An instant of the grid near the history.</summary>
    public long Instant() => Start + (Grid * _random.Next(-6, 40));

    /// <summary>An instant as a definition has it.</summary>
    public string InstantText() => _random.Next(Grid > Minute ? 4 : 3) switch
    {
        0 => Utc(Instant(), "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        1 => Utc(Instant(), "yyyy-MM-dd'T'HH:mm:ss.fff'999Z'"),
        2 => DateTimeOffset.FromUnixTimeMilliseconds(Instant()).ToOffset(TimeSpan.FromHours(-3.5)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
        _ => Utc(Instant(), "yyyy-MM-dd"),
    };

    /// <summary>Two instants of a definition, the earlier first.</summary>
    public (string From, string To) Interval()
    {
        var from = Instant();
        return (Utc(from, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), Utc(from + (Grid * _random.Next(1, 12)), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
    }

    /// <summary>A property's value that is an instant, or nearly one, as JSON.</summary>
    public string Value()
    {
        var instant = Instant();
        return _random.Next(12) switch
        {
            0 => Number(instant),
            1 => Number(instant / Second),
            2 => $"\"{Number(instant)}\"",
            3 => $"{Number(instant / Second)}.5004",
            4 => $"\"{Utc(instant, "yyyy-MM-dd HH:mm:ss")}\"",
            5 => $"\"{Utc(instant, "yyyy-MM-dd HH:mm:ss.ffffff")} UTC\"",
            6 => $"\"{Utc(instant, "yyyy-MM-dd")}\"",
            7 => $"\"{Utc(instant, "yyyy-MM-dd'T'HH:mm:ss.fff")}+02:00\"",
            8 => $"[\"x\",{Number(instant)},{Number(Instant())}]",
            9 => Pick("\"soon\"", "true", "253402300799999", "253402300800000", "99999999999", "{}", "\"2026-02-30\""),
            _ => $"\"{Utc(instant, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'")}\"",
        };
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Utc(long instant, string format) => DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
