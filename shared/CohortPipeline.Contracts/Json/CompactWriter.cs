using System.Buffers;
using System.Buffers.Text;

namespace CohortPipeline.Contracts;

/// <summary>
/// Writes JSON as the platform's writer leaves it with <see cref="JsonText.WriterOptions"/>, by copying: the counterpart of
/// <see cref="CompactCursor"/>. A text that may need an escape is refused, and the caller turns to the platform's writer.
/// </summary>
/// <param name="destination">Has room for everything: nothing is checked here.</param>
internal ref struct CompactWriter(Span<byte> destination)
{
    private static readonly SearchValues<byte> PlainText =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(character => (byte)character).Where(character => character is not ((byte)'"' or (byte)'\\'))]);

    private readonly Span<byte> _destination = destination;

    public int Written { get; private set; }

    public void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Written..]);
        Written += bytes.Length;
    }

    public void Put(long number)
    {
        Utf8Formatter.TryFormat(number, _destination[Written..], out var length);
        Written += length;
    }

    /// <summary>A text behind <paramref name="opening"/>, which ends in its opening quote, and its closing quote.</summary>
    public bool TryText(ReadOnlySpan<byte> opening, ReadOnlySpan<byte> text)
    {
        if (text.ContainsAnyExcept(PlainText))
            return false;
        Put(opening);
        Put(text);
        Put("\""u8);
        return true;
    }
}
