using System.Text.Encodings.Web;
using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>How the records of our topics are written: compact, and escaped only where JSON demands it.</summary>
public static class JsonText
{
    public const int DepthMax = 64;

    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = DepthMax + 8,
    };

    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = DepthMax + 8 };
}

/// <summary>
/// Reads the values of one record: texts unescaped, objects raw. What it hands out is borrowed from the record, or from a
/// scratch buffer of its own where a text had escapes; both until the next record. One thread uses it.
/// </summary>
public sealed class JsonScratch
{
    private byte[] _buffer = new byte[1024];
    private int _used;

    /// <summary>Forgets the texts of the record before. Makes room for all of the next one, so that what is handed out never moves.</summary>
    public void Start(int recordLength)
    {
        _used = 0;
        if (_buffer.Length < recordLength)
            _buffer = new byte[Math.Max(recordLength, _buffer.Length * 2)];
    }

    /// <summary>The text at the reader's token.</summary>
    public ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        var written = reader.CopyString(_buffer.AsSpan(_used));
        var text = _buffer.AsSpan(_used, written);
        _used += written;
        return text;
    }

    /// <summary>The whole value at the reader's token as it stands in <paramref name="record"/>; the reader moves to its end.</summary>
    public static ReadOnlySpan<byte> Raw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> record)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return record[start..(int)reader.BytesConsumed];
    }
}
