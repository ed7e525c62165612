using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace CohortPipeline.Sinks;

/// <summary>JSON as nodes with their places.</summary>
internal static class JsonConfig
{
    /// <summary>False without an error for a text that does not begin as JSON; with one for a text that does and is none.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out ConfigNode? node, out ConfigTextException? error)
    {
        node = null;
        error = null;
        var start = text.AsSpan().TrimStart('\uFEFF').TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '['))
            return false;
        var utf8 = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = ConfigText.DepthMax });
            reader.Read();
            node = ReadValue(ref reader, utf8);
            reader.Read();
            return true;
        }
        catch (JsonException exception)
        {
            node = null;
            error = new(
                $"not valid JSON: {exception.Message.Split(" LineNumber:")[0]}",
                (int)(exception.LineNumber ?? 0) + 1,
                (int)(exception.BytePositionInLine ?? 0) + 1);
            return false;
        }
        catch (InvalidOperationException exception)
        {
            // A text with half of a surrogate pair.
            node = null;
            error = new($"not valid JSON: {exception.Message}", 1, 1);
            return false;
        }
    }

    private static ConfigNode ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var (line, column) = Place(utf8, (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, utf8, line, column);
            case JsonTokenType.StartArray:
                var items = new List<ConfigNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadValue(ref reader, utf8));
                return new ConfigList(items, line, column);
            case JsonTokenType.String:
                return new ConfigScalar(ConfigScalarKind.Text, reader.GetString()!, line, column);
            case JsonTokenType.Number:
                return new ConfigScalar(ConfigScalarKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, column);
            case JsonTokenType.True or JsonTokenType.False:
                return new ConfigScalar(ConfigScalarKind.Boolean, reader.GetBoolean() ? "true" : "false", line, column);
            default:
                return new ConfigScalar(ConfigScalarKind.Null, "null", line, column);
        }
    }

    private static ConfigMap ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, int line, int column)
    {
        var members = new List<ConfigMember>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (nameLine, nameColumn) = Place(utf8, (int)reader.TokenStartIndex);
            var name = reader.GetString()!;
            reader.Read();
            members.Add(new(name, ReadValue(ref reader, utf8), nameLine, nameColumn));
        }

        return new(members, line, column);
    }

    private static (int Line, int Column) Place(ReadOnlySpan<byte> utf8, int index)
    {
        var before = utf8[..index];
        return (before.Count((byte)'\n') + 1, index - before.LastIndexOf((byte)'\n'));
    }
}
