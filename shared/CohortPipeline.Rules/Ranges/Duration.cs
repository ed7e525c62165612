using System.Globalization;
using System.Text;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;

namespace CohortPipeline.Rules.Ranges;

/// <summary>Lengths of time as definitions write them: <c>90s</c>, <c>30m</c>, <c>12h</c>, <c>7d</c>, <c>2w</c>, or a sum, largest unit first. A day is 24 hours.</summary>
internal static class Duration
{
    private const string Expectation = "a duration from 1s to 400d such as 90s, 30m, 12h, 7d, 2w or 1d12h (largest unit first)";
    private const int DigitsMax = 9;

    private static readonly (char Letter, long Milliseconds)[] Units =
    [
        ('w', 7 * TimeSpan.MillisecondsPerDay),
        ('d', TimeSpan.MillisecondsPerDay),
        ('h', TimeSpan.MillisecondsPerHour),
        ('m', TimeSpan.MillisecondsPerMinute),
        ('s', TimeSpan.MillisecondsPerSecond),
    ];

    /// <summary>Milliseconds.</summary>
    public static long? Read(Cursor cursor)
    {
        if (cursor.Text(Expectation) is not { } text)
            return null;
        if (TryParse(text, out var milliseconds)
            && milliseconds >= (long)DefinitionLimits.DurationMin.TotalMilliseconds
            && milliseconds <= (long)DefinitionLimits.DurationMax.TotalMilliseconds)
            return milliseconds;
        cursor.Error(Expectation);
        return null;
    }

    /// <summary>The one text that stands for a length in canonical definitions: without weeks.</summary>
    public static string ToText(long milliseconds)
    {
        var text = new StringBuilder();
        foreach (var (letter, unit) in Units.AsSpan(1))
        {
            if (milliseconds / unit is var count and > 0)
                text.Append(count).Append(letter);
            milliseconds %= unit;
        }

        return text.ToString();
    }

    private static bool TryParse(string text, out long milliseconds)
    {
        milliseconds = 0;
        var rest = text.AsSpan();
        var unitsLeft = Units.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > DigitsMax)
                return false;
            var unit = -1;
            for (var i = 0; i < unitsLeft.Length && unit < 0; i++)
                unit = unitsLeft[i].Letter == rest[digits] ? i : -1;
            if (unit < 0)
                return false;
            milliseconds += long.Parse(rest[..digits], CultureInfo.InvariantCulture) * unitsLeft[unit].Milliseconds;
            unitsLeft = unitsLeft[(unit + 1)..];
            rest = rest[(digits + 1)..];
        }

        return milliseconds > 0;
    }
}
