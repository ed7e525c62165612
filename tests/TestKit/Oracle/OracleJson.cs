using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>JSON as the oracle needs it: optional members, one text for equal values, values made of values.</summary>
internal static class OracleJson
{
    private static readonly JsonWriterOptions CanonicalWriting = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The member, or null where it is absent or null.</summary>
    public static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    public static long? Time(JsonElement json, string name) =>
        Member(json, name) is { } member
            ? DateTimeOffset.ParseExact(member.GetString()!, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds()
            : null;

    /// <summary>One text for all objects of the same content; an object without members is as good as none.</summary>
    public static string CanonicalObject(JsonElement? json)
    {
        var text = json is { } value ? Canonical(value) : "";
        return text == "{}" ? "" : text;
    }

    /// <summary>Compact JSON with the members of objects in ordinal order and numbers as they were written.</summary>
    public static string Canonical(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, CanonicalWriting))
            Write(writer, json);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    public static JsonElement Array(IEnumerable<JsonElement> elements) => JsonSerializer.SerializeToElement(elements.ToList());

    public static JsonElement Number(decimal number) => JsonSerializer.Deserialize<JsonElement>(number.ToString(CultureInfo.InvariantCulture));

    private static void Write(Utf8JsonWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in json.EnumerateArray())
                    Write(writer, element);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(json.GetString());
                break;
            default:
                writer.WriteRawValue(json.GetRawText());
                break;
        }
    }
}
