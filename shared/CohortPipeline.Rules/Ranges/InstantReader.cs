using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions.Parsing;

namespace CohortPipeline.Rules.Ranges;

/// <summary>Instants as definitions write them: RFC 3339 with an offset, or a date, which stands for its first instant in the definition's time zone.</summary>
internal static class InstantReader
{
    private const string Expectation = "an instant: RFC 3339 with an offset such as 2026-03-01T10:00:00Z, or a date such as 2026-03-01";
    private const int DateLength = 10;

    public static long? Read(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Text(Expectation) is not { } text)
            return null;
        if (InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
        {
            if (text.Length == DateLength)
                return calendar.StartOf(ZoneCalendar.Utc.DayOf(instant));
            if (HasOffset(text))
                return instant;
        }

        cursor.Error(Expectation);
        return null;
    }

    /// <summary>Of what is a time already: RFC 3339's separator, and a zone at the end.</summary>
    private static bool HasOffset(string text) =>
        text[DateLength] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text.AsSpan(DateLength).IndexOfAny('+', '-') > 0);
}
