using System.Text.Json;

namespace CohortPipeline.Rules.Definitions;

/// <summary>
/// Definitions as the wire carries them: canonical JSON, in which the same content, whatever it was written in, has the
/// same bytes, and which <see cref="DefinitionParser"/> reads back to an equal definition.
/// </summary>
public static class DefinitionWriter
{
    public static byte[] ToJson(CohortDefinition definition) => CanonicalJson.ToBytes(writer => Write(writer, definition));

    public static void Write(Utf8JsonWriter writer, CohortDefinition definition)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, definition.Id);
        writer.WriteString("name"u8, definition.Name);
        if (definition.Description.Length > 0)
            writer.WriteString("description"u8, definition.Description);
        writer.WriteString("time_zone"u8, definition.TimeZone);
        if (!definition.ExportProperties.IsEmpty)
        {
            writer.WriteStartArray("export_properties"u8);
            foreach (var property in definition.ExportProperties)
                writer.WriteStringValue(property);
            writer.WriteEndArray();
        }

        if (!definition.Labels.IsEmpty)
        {
            writer.WriteStartObject("labels"u8);
            foreach (var (name, text) in definition.Labels)
                writer.WriteString(name, text);
            writer.WriteEndObject();
        }

        writer.WritePropertyName("where"u8);
        definition.Where.Write(writer);
        writer.WriteEndObject();
    }
}
