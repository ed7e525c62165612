using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>Members of our records: absent texts and objects are left out; instants are RFC 3339.</summary>
internal static class JsonMembers
{
    public static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
            writer.WriteString(name, text);
    }

    public static void Raw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
            return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    public static void Time(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long instant)
    {
        Span<byte> text = stackalloc byte[Instant.Rfc3339Length];
        Instant.WriteRfc3339(instant, text);
        writer.WriteString(name, text);
    }

    /// <exception cref="FormatException">The text at the token is no instant.</exception>
    public static long ReadTime(scoped ref Utf8JsonReader reader) =>
        Instant.TryParseRfc3339(reader.ValueSpan, out var instant)
            ? instant
            : throw new FormatException("expected an instant such as 2026-03-01T10:00:00.000Z");
}
