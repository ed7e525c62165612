using System.Collections.Concurrent;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Ranges;

/// <summary>
/// The dates of a time zone, as days since 1970-01-01. A date begins at its first instant (a skipped midnight: the instant
/// behind the gap; a repeated one: the earlier) and lasts until the next one's first instant, so that dates never go back
/// as time passes. Immutable, and allocates nothing when it is asked.
/// </summary>
internal sealed class ZoneCalendar
{
    private const long MillisecondsPerDay = 24 * 60 * 60 * 1000;
    private const int YearFirst = 1900;
    private const int YearLast = 2200;

    /// <summary>No zone has changed its offset twice within so long, but for one in 1939.</summary>
    private static readonly TimeSpan ScanStep = TimeSpan.FromDays(5);

    private static readonly ConcurrentDictionary<string, ZoneCalendar> Known = new(StringComparer.Ordinal);

    /// <summary>Spans of one offset, oldest first; the first and the last one go on for ever.</summary>
    private readonly Span[] _spans;

    private ZoneCalendar(string name)
    {
        Name = name;
        _spans = SpansOf(TimeZoneInfo.FindSystemTimeZoneById(name));
    }

    public static ZoneCalendar Utc { get; } = Of("UTC");

    /// <param name="name">IANA name.</param>
    public static ZoneCalendar Of(string name) => Known.GetOrAdd(name, static name => new(name));

    /// <summary>IANA name.</summary>
    public string Name { get; }

    /// <summary>The instant of a text as <see cref="InstantText"/> has it; one of a date alone is the date's first instant here.</summary>
    public bool TryParse(ReadOnlySpan<byte> text, out long instant)
    {
        if (!InstantText.TryParse(text, out instant))
            return false;
        if (text.Length == InstantText.DateLength)
            instant = StartOf(Utc.DayOf(instant));
        return instant is >= InstantText.Earliest and <= InstantText.Latest;
    }

    /// <summary>The date that an instant lies in.</summary>
    public long DayOf(long instant)
    {
        ref readonly var span = ref _spans[SpanAt(instant)];
        return Math.Max(span.DayBefore, span.LocalDayOf(instant));
    }

    /// <summary>The first instant of a date; of a date that was skipped, that of the next one.</summary>
    public long StartOf(long day)
    {
        var (low, high) = (0, _spans.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (DayOf(_spans[middle + 1].Start - 1) >= day)
                high = middle;
            else
                low = middle + 1;
        }

        ref readonly var span = ref _spans[low];
        return Math.Max(span.Start, (day * MillisecondsPerDay) - span.Offset);
    }

    private int SpanAt(long instant)
    {
        var (low, high) = (0, _spans.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_spans[middle].Start <= instant)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private static Span[] SpansOf(TimeZoneInfo zone)
    {
        var first = new DateTime(YearFirst, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var last = new DateTime(YearLast, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var spans = new List<Span> { new(long.MinValue, OffsetAt(zone, first), long.MinValue) };
        for (var at = first; at < last; at += ScanStep)
        {
            if (OffsetAt(zone, at + ScanStep) == spans[^1].Offset)
                continue;
            var start = ChangeBetween(zone, at, at + ScanStep);
            spans.Add(new(start, OffsetAt(zone, at + ScanStep), Math.Max(spans[^1].DayBefore, spans[^1].LocalDayOf(start - 1))));
        }

        return [.. spans];
    }

    /// <summary>The first instant with the offset of <paramref name="after"/>.</summary>
    private static long ChangeBetween(TimeZoneInfo zone, DateTime before, DateTime after)
    {
        var offset = OffsetAt(zone, after);
        while (after - before > TimeSpan.FromMilliseconds(1))
        {
            var middle = before.AddMilliseconds(Math.Floor((after - before).TotalMilliseconds / 2));
            if (OffsetAt(zone, middle) == offset)
                after = middle;
            else
                before = middle;
        }

        return new DateTimeOffset(after).ToUnixTimeMilliseconds();
    }

    private static long OffsetAt(TimeZoneInfo zone, DateTime utc) => (long)zone.GetUtcOffset(utc).TotalMilliseconds;

    /// <param name="Start">Epoch milliseconds.</param>
    /// <param name="Offset">Milliseconds that local time is ahead of UTC.</param>
    /// <param name="DayBefore">The latest date that there was before; clocks that are set back over a midnight do not begin it again.</param>
    private readonly record struct Span(long Start, long Offset, long DayBefore)
    {
        public long LocalDayOf(long instant)
        {
            var (day, rest) = Math.DivRem(instant + Offset, MillisecondsPerDay);
            return rest < 0 ? day - 1 : day;
        }
    }
}
