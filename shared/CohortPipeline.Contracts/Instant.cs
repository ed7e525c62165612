using System.Buffers.Text;

namespace CohortPipeline.Contracts;

/// <summary>
/// Instants are whole milliseconds since the Unix epoch, UTC, in a <see cref="long"/>. On the wire they are epoch
/// milliseconds in <c>activity</c> and RFC 3339 with milliseconds and <c>Z</c> in deltas and membership rows.
/// </summary>
public static class Instant
{
    /// <summary>Length of <c>2026-03-01T10:00:00.000Z</c>.</summary>
    public const int Rfc3339Length = 24;

    /// <summary>Length of the same with ticks, as the runtime formats it.</summary>
    private const int PreciseLength = 28;

    private const long MillisecondsPerSecond = 1000;

    /// <summary>Whole epoch seconds, cut towards the past.</summary>
    public static long FloorToSeconds(long instant)
    {
        var (seconds, rest) = Math.DivRem(instant, MillisecondsPerSecond);
        return rest < 0 ? seconds - 1 : seconds;
    }

    public static string ToRfc3339(long instant) => string.Create(Rfc3339Length, instant, static (text, value) =>
    {
        Span<byte> utf8 = stackalloc byte[Rfc3339Length];
        WriteRfc3339(value, utf8);
        for (var i = 0; i < utf8.Length; i++)
            text[i] = (char)utf8[i];
    });

    /// <summary>Writes <see cref="Rfc3339Length"/> bytes.</summary>
    public static void WriteRfc3339(long instant, Span<byte> destination)
    {
        Span<byte> precise = stackalloc byte[PreciseLength];
        Utf8Formatter.TryFormat(DateTime.UnixEpoch.AddMilliseconds(instant), precise, out _, new('O'));
        precise[..(Rfc3339Length - 1)].CopyTo(destination);
        destination[Rfc3339Length - 1] = (byte)'Z';
    }

    /// <summary>Reads what <see cref="WriteRfc3339"/> writes.</summary>
    public static bool TryParseRfc3339(ReadOnlySpan<byte> text, out long instant)
    {
        instant = 0;
        if (text.Length != Rfc3339Length || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[23] != 'Z')
            return false;
        var isNumeric = true;
        var (year, month, day) = (Number(text[..4], ref isNumeric), Number(text[5..7], ref isNumeric), Number(text[8..10], ref isNumeric));
        var (hour, minute, second) = (Number(text[11..13], ref isNumeric), Number(text[14..16], ref isNumeric), Number(text[17..19], ref isNumeric));
        var millisecond = Number(text[20..23], ref isNumeric);
        if (!isNumeric || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        instant = (new DateTime(year, month, day, hour, minute, second, millisecond, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits, ref bool isNumeric)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            isNumeric &= (uint)(digit - '0') <= 9;
            number = (number * 10) + digit - '0';
        }

        return number;
    }
}
