using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Instants as texts and values say them, in epoch milliseconds; what is finer is cut towards the past.</summary>
internal static partial class OracleTime
{
    private const decimal LeastMilliseconds = 100_000_000_000;
    private static readonly long LastInstant = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>An instant of a definition: RFC 3339, or a date of the calendar.</summary>
    public static long Instant(string text, OracleCalendar calendar) =>
        OfText(text, calendar) ?? throw new FormatException($"`{text}` is no instant");

    /// <summary>The instant that a property's value means; null where it means none.</summary>
    public static long? OfValue(JsonElement value, OracleCalendar calendar)
    {
        if (OracleValues.Numeric(value) is not { } number)
            return value.ValueKind == JsonValueKind.String ? OfText(value.GetString()!, calendar) : null;
        var milliseconds = new BigInteger(decimal.Floor(number >= LeastMilliseconds ? number : number * 1000));
        return milliseconds <= LastInstant ? (long)milliseconds : null;
    }

    private static long? OfText(string text, OracleCalendar calendar)
    {
        if (Date().IsMatch(text))
            return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? calendar.FirstInstantOf(date) : null;
        var parts = DateAndTime().Match(text);
        if (!parts.Success || !DateTime.TryParseExact($"{parts.Groups["date"].Value} {parts.Groups["time"].Value}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return null;
        var milliseconds = long.Parse(parts.Groups["fraction"].Value.PadRight(3, '0')[..3], CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, TimeSpan.Zero).ToUnixTimeMilliseconds() + milliseconds - Offset(parts.Groups["offset"].Value);
    }

    private static long Offset(string text)
    {
        if (text is "" or "Z" or "z" or " UTC")
            return 0;
        var minutes = (int.Parse(text.AsSpan(1, 2), CultureInfo.InvariantCulture) * 60) + int.Parse(text.AsSpan(4, 2), CultureInfo.InvariantCulture);
        return (text[0] == '-' ? -1 : 1) * minutes * 60_000L;
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z")]
    private static partial Regex Date();

    [GeneratedRegex(@"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]+))?(?<offset>Z|z| UTC|[+-][0-9]{2}:[0-9]{2})?\z")]
    private static partial Regex DateAndTime();
}
