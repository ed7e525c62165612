using System.Text.Json;

namespace CohortPipeline.Rules.Ranges;

internal enum CalendarUnit
{
    Days,
    Weeks,
    Months,
}

/// <summary><c>calendar: {days: n}</c>, <c>weeks</c> or <c>months</c>: the calendar day, ISO week or month that <c>t</c> lies in, and the n − 1 before it.</summary>
internal sealed class CalendarRange(CalendarUnit unit, int count, ZoneCalendar calendar) : EventRange
{
    private const int DaysPerWeek = 7;
    private const int MonthsPerYear = 12;

    /// <summary>1970-01-01 was the fourth day of its week.</summary>
    private const int DaysBeforeFirst = 3;

    private static readonly DateOnly Epoch = new(1970, 1, 1);

    internal override long FirstAt(long instant) => StartOfUnit(UnitOf(instant) - count + 1);

    internal override long LeavesAt(long time) => StartOfUnit(UnitOf(time) + count);

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("calendar"u8);
        writer.WriteNumber(NameOf(unit), count);
        writer.WriteEndObject();
    }

    internal override void WriteZone(Utf8JsonWriter writer) => writer.WriteString("zone"u8, calendar.Name);

    internal static string NameOf(CalendarUnit unit) => unit switch
    {
        CalendarUnit.Days => "days",
        CalendarUnit.Weeks => "weeks",
        _ => "months",
    };

    private long UnitOf(long instant)
    {
        var day = calendar.DayOf(instant);
        return unit switch
        {
            CalendarUnit.Days => day,
            CalendarUnit.Weeks => (long)Math.Floor((day + DaysBeforeFirst) / (double)DaysPerWeek),
            _ => MonthOf(DateOnly.FromDayNumber((int)Math.Clamp(day + Epoch.DayNumber, DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber))),
        };
    }

    private long StartOfUnit(long number) => calendar.StartOf(unit switch
    {
        CalendarUnit.Days => number,
        CalendarUnit.Weeks => (number * DaysPerWeek) - DaysBeforeFirst,
        _ => FirstDayOfMonth(number),
    });

    private static long MonthOf(DateOnly date) => ((date.Year - Epoch.Year) * MonthsPerYear) + date.Month - 1;

    private static long FirstDayOfMonth(long month) =>
        Epoch.AddMonths((int)Math.Clamp(month, MonthOf(DateOnly.MinValue), MonthOf(DateOnly.MaxValue))).DayNumber - Epoch.DayNumber;
}
