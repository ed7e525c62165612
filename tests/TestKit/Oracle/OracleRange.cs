using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Which times count at an instant. What has left a range never comes back to it.</summary>
internal abstract record OracleRange
{
    /// <summary>The same for equal ranges.</summary>
    public abstract string Text { get; }

    /// <summary>Every time is in it.</summary>
    public bool IsEver => this == Ever;

    private static OracleRange Ever { get; } = new Fixed(long.MinValue, long.MaxValue);

    public abstract bool Contains(long time, long instant);

    /// <summary>The earliest time that is in the range at the instant, or, of one that begins later, ever.</summary>
    public abstract long FirstTime(long instant);

    /// <summary>No time from here on is ever in the range.</summary>
    public virtual long End => long.MaxValue;

    /// <summary>The first instant at which the time is no longer in the range; null: it stays, or never was.</summary>
    public virtual long? LeavesAt(long time) => null;

    /// <summary>The range among the members of a <c>did</c> or <c>sequence</c>; without one it is ever.</summary>
    public static OracleRange Parse(JsonElement json, OracleCalendar calendar)
    {
        if (OracleJson.Member(json, "within") is { } within)
            return new Rolling(OracleDuration.Parse(within.GetString()!));
        if (OracleJson.Member(json, "since") is { } since)
            return new Fixed(OracleTime.Instant(since.GetString()!, calendar), long.MaxValue);
        if (OracleJson.Member(json, "between") is { } between)
            return new Fixed(OracleTime.Instant(between[0].GetString()!, calendar), OracleTime.Instant(between[1].GetString()!, calendar));
        if (OracleJson.Member(json, "calendar") is { } periods)
        {
            var (unit, count) = periods.EnumerateObject().Select(member => (member.Name, member.Value.GetInt32())).Single();
            return new Periods(calendar, unit, count);
        }

        return Ever;
    }

    private sealed record Rolling(long Length) : OracleRange
    {
        public override string Text => $"within {Length}";

        public override bool Contains(long time, long instant) => instant - Length < time && time <= instant;

        public override long FirstTime(long instant) => instant - Length + 1;

        public override long? LeavesAt(long time) => time + Length;
    }

    private sealed record Fixed(long From, long To) : OracleRange
    {
        public override string Text => $"from {From} to {To}";

        public override bool Contains(long time, long instant) => From <= time && time < To && time <= instant;

        public override long FirstTime(long instant) => From;

        public override long End => To;
    }

    private sealed record Periods(OracleCalendar Calendar, string Unit, int Count) : OracleRange
    {
        public override string Text => $"{Count} {Unit} of {Calendar.Name}";

        public override bool Contains(long time, long instant) =>
            time <= instant && Number(Calendar.DateOf(time)) > Number(Calendar.DateOf(instant)) - Count;

        public override long FirstTime(long instant) => Calendar.FirstInstantOf(FirstDate(Number(Calendar.DateOf(instant)) - Count + 1));

        public override long? LeavesAt(long time) => Calendar.FirstInstantOf(FirstDate(Number(Calendar.DateOf(time)) + Count));

        /// <summary>Periods counted from the year 1, whose first day was a Monday.</summary>
        private int Number(DateOnly date) => Unit switch
        {
            "days" => date.DayNumber,
            "weeks" => date.DayNumber / 7,
            _ => (date.Year * 12) + date.Month - 1,
        };

        private DateOnly FirstDate(int number) => Unit switch
        {
            "days" => DateOnly.FromDayNumber(number),
            "weeks" => DateOnly.FromDayNumber(number * 7),
            _ => new DateOnly(number / 12, (number % 12) + 1, 1),
        };
    }
}

/// <summary>Durations: sums of weeks, days, hours, minutes and seconds.</summary>
internal static class OracleDuration
{
    public static long Parse(string text)
    {
        var total = 0L;
        var number = 0L;
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character))
            {
                number = (number * 10) + long.Parse(character.ToString(), CultureInfo.InvariantCulture);
                continue;
            }

            total += number * character switch
            {
                's' => 1_000,
                'm' => 60_000,
                'h' => 3_600_000,
                'd' => 86_400_000,
                'w' => 604_800_000,
                _ => throw new FormatException($"`{text}` is no duration"),
            };
            number = 0;
        }

        return total;
    }
}
