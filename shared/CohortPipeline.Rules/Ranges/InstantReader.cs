using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions.Parsing;

namespace CohortPipeline.Rules.Ranges;

/// <summary>Instants as definitions write them: RFC 3339 with an offset, or a date, which stands for its first instant in the definition's time zone.</summary>
internal static class InstantReader
{
    private const string Expectation = "an instant: RFC 3339 with an offset such as 2026-03-01T10:00:00Z, or a date such as 2026-03-01";

    public static long? Read(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Text(Expectation) is not { } text)
            return null;
        if (calendar.TryParse(Encoding.UTF8.GetBytes(text), out var instant) && (text.Length == InstantText.DateLength || HasOffset(text)))
            return instant;

        cursor.Error(Expectation);
        return null;
    }

    /// <summary>Of what is a time already: RFC 3339's separator, and a zone at the end.</summary>
    private static bool HasOffset(string text) =>
        text[InstantText.DateLength] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text.AsSpan(InstantText.DateLength).IndexOfAny('+', '-') > 0);
}
