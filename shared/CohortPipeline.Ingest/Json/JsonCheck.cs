using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CohortPipeline.Ingest;

/// <summary>What makes bytes JSON that everything behind us can read: UTF-8, well-formed, and every text Unicode.</summary>
internal static class JsonCheck
{
    private const int EscapeLength = 6;

    /// <summary>What is wrong with the texts of a document that a JSON reader accepts; empty if nothing.</summary>
    public static string TextProblem(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return "bytes that are no UTF-8";
        return HasLoneSurrogate(json) ? "an escape of half a character (a lone surrogate)" : "";
    }

    /// <summary>True if the document would be well-formed but for its depth.</summary>
    public static bool IsOnlyTooDeep(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new() { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Readers refuse such a text only when they unescape it, so that it would pass here and stop somebody later.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var place = json.IndexOf((byte)'\\');
        if (place < 0)
            return false;
        while (place < json.Length)
        {
            var unit = CodeUnit(json[place..]);
            if (char.IsLowSurrogate(unit))
                return true;
            if (char.IsHighSurrogate(unit))
            {
                place += EscapeLength;
                if (!char.IsLowSurrogate(CodeUnit(json[place..])))
                    return true;
                place += EscapeLength;
            }
            else
            {
                place += 2;
            }

            var next = place < json.Length ? json[place..].IndexOf((byte)'\\') : -1;
            if (next < 0)
                return false;
            place += next;
        }

        return false;
    }

    /// <summary>The UTF-16 code unit of an escape such as <c>\ud83d</c> at the start; NUL for anything else.</summary>
    private static char CodeUnit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u' && Utf8Parser.TryParse(json[2..EscapeLength], out ushort unit, out var consumed, 'x') && consumed == 4
            ? (char)unit
            : '\0';
}
