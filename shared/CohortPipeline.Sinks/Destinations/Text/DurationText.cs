using System.Globalization;

namespace CohortPipeline.Sinks;

/// <summary>Durations as definitions write them: <c>90s</c>, <c>30m</c>, <c>1d12h</c>; here also <c>250ms</c>.</summary>
internal static class DurationText
{
    /// <summary>Keeps every sum of units far from what a TimeSpan holds.</summary>
    private const int DigitsMax = 6;

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("w", TimeSpan.FromDays(7)),
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Largest unit first, each at most once.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        var next = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > DigitsMax || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAnyExceptInRange('a', 'z');
            var name = letters < 0 ? rest : rest[..letters];
            var unit = IndexOf(name, next);
            if (unit < 0)
                return false;
            duration += count * Units[unit].Length;
            next = unit + 1;
            rest = rest[name.Length..];
        }

        return next > 0;
    }

    /// <summary>The shortest form that <see cref="TryParse"/> reads back.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0s";
        foreach (var (unit, length) in Units)
        {
            if (duration.Ticks % length.Ticks == 0)
                return $"{duration.Ticks / length.Ticks}{unit}";
        }

        throw new ArgumentOutOfRangeException(nameof(duration), duration, "durations are whole milliseconds");
    }

    private static int IndexOf(ReadOnlySpan<char> name, int from)
    {
        for (var i = from; i < Units.Length; i++)
        {
            if (name.SequenceEqual(Units[i].Unit))
                return i;
        }

        return -1;
    }
}
