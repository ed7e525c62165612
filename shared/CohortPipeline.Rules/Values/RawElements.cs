using System.Text.Json;

namespace CohortPipeline.Rules.Values;

/// <summary>The elements of a JSON array, as ranges of it.</summary>
internal ref struct RawElements
{
    private Utf8JsonReader _reader;

    public RawElements(ReadOnlySpan<byte> array)
    {
        _reader = new(array, RawJson.ReaderOptions);
        _reader.Read();
        Current = default;
    }

    public Range Current { get; private set; }

    public readonly RawElements GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
            return false;
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Current = start..(int)_reader.BytesConsumed;
        return true;
    }
}
