using System.Buffers;

namespace CohortPipeline.Ingest;

/// <summary>White space between the tokens of well-formed JSON, taken out. Texts and numbers stay as they were written.</summary>
internal static class CompactJson
{
    private static readonly SearchValues<byte> QuoteOrWhiteSpace = SearchValues.Create("\" \t\r\n"u8);

    /// <summary>The value itself where it is compact already, else a compact copy in <paramref name="buffer"/>, which is emptied first.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> buffer)
    {
        if (IsCompact(json))
            return json;
        buffer.ResetWrittenCount();
        Append(json, buffer);
        return buffer.WrittenSpan;
    }

    public static void Append(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> buffer)
    {
        while (true)
        {
            var next = json.IndexOfAny(QuoteOrWhiteSpace);
            if (next < 0)
                break;
            var end = json[next] == '"' ? EndOfText(json, next) : next;
            buffer.Write(json[..end]);
            json = json[end..];
            if (!json.IsEmpty && json[0] != '"')
                json = json.TrimStart(" \t\r\n"u8);
        }

        buffer.Write(json);
    }

    private static bool IsCompact(ReadOnlySpan<byte> json)
    {
        while (true)
        {
            var next = json.IndexOfAny(QuoteOrWhiteSpace);
            if (next < 0)
                return true;
            if (json[next] != '"')
                return false;
            json = json[EndOfText(json, next)..];
        }
    }

    /// <summary>The place behind the closing quote of the text that opens at <paramref name="start"/>.</summary>
    private static int EndOfText(ReadOnlySpan<byte> json, int start)
    {
        var place = start + 1;
        while (true)
        {
            place += json[place..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[place] == '"')
                return place + 1;
            place += 2;
        }
    }
}
