using System.Buffers.Text;
using System.Globalization;

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
        if (text.Length != Rfc3339Length || text[^1] != (byte)'Z')
            return false;
        Span<char> chars = stackalloc char[Rfc3339Length];
        for (var i = 0; i < chars.Length; i++)
            chars[i] = (char)text[i];
        if (!DateTime.TryParseExact(chars, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        instant = (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }
}
