using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace CohortPipeline.Rules.Sources.Json;

/// <summary>Reads JSON with the place of every value.</summary>
internal static class JsonSource
{
    /// <summary>False for what is no JSON, or too deep: the caller reads it as YAML and so finds what is wrong.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out SourceNode? root)
    {
        root = null;
        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = SourceText.DepthMax });
            var builder = new Builder(bytes);
            reader.Read();
            var read = builder.Read(ref reader);
            if (read is null || reader.Read())
                return false;
            root = read;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A text with half a surrogate pair.
            return false;
        }
    }

    private sealed class Builder(byte[] bytes)
    {
        private int _lineStart;
        private int _line = 1;
        private int _scanned;

        /// <summary>Null where an object names a member twice, which the YAML reader reports.</summary>
        public SourceNode? Read(ref Utf8JsonReader reader)
        {
            var (line, column) = PlaceOf((int)reader.TokenStartIndex);
            return reader.TokenType switch
            {
                JsonTokenType.StartObject => ReadMap(ref reader, line, column),
                JsonTokenType.StartArray => ReadList(ref reader, line, column),
                JsonTokenType.String => new SourceScalar(ScalarKind.Text, reader.GetString()!, line, column),
                JsonTokenType.Number => new SourceScalar(ScalarKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, column),
                JsonTokenType.True => new SourceScalar(ScalarKind.Boolean, "true", line, column),
                JsonTokenType.False => new SourceScalar(ScalarKind.Boolean, "false", line, column),
                _ => new SourceScalar(ScalarKind.Null, "null", line, column),
            };
        }

        private SourceMap? ReadMap(ref Utf8JsonReader reader, int line, int column)
        {
            var members = new List<SourceMember>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                var (nameLine, nameColumn) = PlaceOf((int)reader.TokenStartIndex);
                reader.Read();
                if (!names.Add(name) || Read(ref reader) is not { } value)
                    return null;
                members.Add(new(name, nameLine, nameColumn, value));
            }

            return new(members, line, column);
        }

        private SourceList? ReadList(ref Utf8JsonReader reader, int line, int column)
        {
            var items = new List<SourceNode>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (Read(ref reader) is not { } item)
                    return null;
                items.Add(item);
            }

            return new(items, line, column);
        }

        /// <summary>Tokens come in order, so that each byte is looked at once. Columns count characters.</summary>
        private (int Line, int Column) PlaceOf(int offset)
        {
            for (; _scanned < offset; _scanned++)
            {
                if (bytes[_scanned] != (byte)'\n')
                    continue;
                _line++;
                _lineStart = _scanned + 1;
            }

            return (_line, Encoding.UTF8.GetCharCount(bytes, _lineStart, offset - _lineStart) + 1);
        }
    }
}
