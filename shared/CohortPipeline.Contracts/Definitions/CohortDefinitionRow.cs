using System.Buffers;
using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>
/// The present state of one cohort's definition: a record of the compacted topic <c>cohort-definitions</c>, under the cohort
/// id. <c>{"version": 3, "definition": {…}}</c>, or <c>{"version": 4, "deleted": true}</c>, which is kept for good so that
/// versions never go back.
/// </summary>
/// <param name="Id">The cohort's id, the record's key.</param>
/// <param name="Version">1, 2, 3 … for each id, deletions counted.</param>
/// <param name="Definition">The whole definition in canonical JSON; null: the cohort is deleted.</param>
public sealed record CohortDefinitionRow(string Id, int Version, ReadOnlyMemory<byte>? Definition)
{
    public bool IsDeleted => Definition is null;

    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, Version);
            if (Definition is { } definition)
            {
                writer.WritePropertyName("definition"u8);
                writer.WriteRawValue(definition.Span, skipInputValidation: true);
            }
            else
            {
                writer.WriteBoolean("deleted"u8, true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>False, with the reason, for bytes that are no such row.</summary>
    public static bool TryRead(string id, ReadOnlySpan<byte> value, out CohortDefinitionRow row, out string error)
    {
        row = new(id, 0, null);
        try
        {
            var reader = new Utf8JsonReader(value, JsonText.ReaderOptions);
            using var document = JsonDocument.ParseValue(ref reader);
            var version = document.RootElement.GetProperty("version"u8).GetInt32();
            var definition = document.RootElement.TryGetProperty("definition"u8, out var found)
                ? new ReadOnlyMemory<byte>(System.Text.Encoding.UTF8.GetBytes(found.GetRawText()))
                : (ReadOnlyMemory<byte>?)null;
            row = new(id, version, definition);
            error = "";
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            error = $"cohort {id}: not a row of cohort-definitions: {exception.Message}";
            return false;
        }
    }
}
