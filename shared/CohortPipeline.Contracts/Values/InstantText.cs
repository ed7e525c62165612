using System.Buffers.Text;

namespace CohortPipeline.Contracts;

/// <summary>
/// Times as producers write them (<c>docs/spec/inputs.md</c> §2): RFC 3339; ISO 8601 without offset, taken as UTC;
/// <c>yyyy-MM-dd HH:mm:ss[.ffffff]</c> with or without <c> UTC</c>; a date, taken as its midnight in UTC; or a number,
/// epoch milliseconds from 100,000,000,000 up, else seconds. What is finer than a millisecond is cut towards the past.
/// </summary>
public static class InstantText
{
    /// <summary>0001-01-01T00:00:00.000Z.</summary>
    public const long Earliest = -62_135_596_800_000;

    /// <summary>9999-12-31T23:59:59.999Z.</summary>
    public const long Latest = 253_402_300_799_999;

    /// <summary>Bytes of a date.</summary>
    public const int DateLength = 10;

    /// <summary>Numbers from here on are milliseconds; as seconds this would be the year 5138.</summary>
    private const long MillisecondsFrom = 100_000_000_000;

    private const int MinutesPerHour = 60;
    private const long MillisecondsPerMinute = 60_000;

    /// <summary>The instant of a JSON number.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> number, out long instant)
    {
        if (Utf8Parser.TryParse(number, out long whole, out var consumed) && consumed == number.Length)
        {
            instant = whole >= MillisecondsFrom ? whole : Math.Max(whole, (Earliest / 1000) - 1) * 1000;
            return instant is >= Earliest and <= Latest;
        }

        instant = 0;
        if (!NumericText.TryParse(number, out var value) || value is < Earliest or > Latest)
            return false;
        instant = (long)decimal.Floor(value < MillisecondsFrom ? value * 1000 : value);
        return instant is >= Earliest and <= Latest;
    }

    /// <summary>The instant of an unescaped text.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long instant)
    {
        instant = 0;
        if (!TryDate(text, out var days))
            return false;
        var milliseconds = 0L;
        var rest = text[DateLength..];
        if (!rest.IsEmpty && (rest[0] is not ((byte)'T' or (byte)'t' or (byte)' ') || !TryTimeOfDay(rest[1..], out milliseconds)))
            return false;
        instant = days + milliseconds;
        return instant is >= Earliest and <= Latest;
    }

    private static bool TryDate(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-'
            || !TryDigits(text[..4], out var year) || !TryDigits(text.Slice(5, 2), out var month) || !TryDigits(text.Slice(8, 2), out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        milliseconds = (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }

    /// <summary><c>HH:mm[:ss[.f…]]</c> and an offset; answers milliseconds since the date's midnight in UTC. A leap second is the first second of the next minute.</summary>
    private static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text[..2], out var hour) || !TryDigits(text.Slice(3, 2), out var minute) || hour > 23 || minute > 59)
            return false;
        var rest = text[5..];
        var second = 0;
        var fraction = 0;
        if (!rest.IsEmpty && rest[0] == ':')
        {
            if (rest.Length < 3 || !TryDigits(rest.Slice(1, 2), out second) || second > 60)
                return false;
            rest = rest[3..];
            if (!rest.IsEmpty && rest[0] is (byte)'.' or (byte)',' && !TryFraction(ref rest, out fraction))
                return false;
        }

        if (!TryOffset(rest, out var offsetMinutes))
            return false;
        milliseconds = ((((hour * MinutesPerHour) + minute - offsetMinutes) * MillisecondsPerMinute) + (second * 1000L)) + fraction;
        return true;
    }

    /// <summary>Any number of digits behind the point, cut to milliseconds.</summary>
    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int milliseconds)
    {
        milliseconds = 0;
        var digits = rest[1..];
        var length = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (length < 0)
            length = digits.Length;
        for (var i = 0; i < 3; i++)
            milliseconds = (milliseconds * 10) + (i < length ? digits[i] - '0' : 0);
        rest = digits[length..];
        return length > 0;
    }

    /// <summary>None, <c>Z</c>, <c> UTC</c>, <c>±HH:mm</c>, <c>±HHmm</c> or <c>±HH</c>.</summary>
    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty || text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8) || text.SequenceEqual(" UTC"u8))
            return true;
        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length is not (3 or 5 or 6) || (text.Length == 6 && text[3] != ':'))
            return false;
        var minute = 0;
        if (!TryDigits(text.Slice(1, 2), out var hour) || hour > 23 || (text.Length > 3 && (!TryDigits(text[^2..], out minute) || minute > 59)))
            return false;
        minutes = (hour * MinutesPerHour) + minute;
        if (text[0] == '-')
            minutes = -minutes;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var character in text)
        {
            if (character is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + character - '0';
        }

        return true;
    }
}
