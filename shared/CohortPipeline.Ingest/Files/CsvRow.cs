using System.Buffers;

namespace CohortPipeline.Ingest;

internal enum CsvOutcome
{
    Row,

    /// <summary>The row goes on behind the window.</summary>
    Incomplete,

    /// <summary>A quote that closes in the middle of a cell.</summary>
    Broken,
}

/// <summary>
/// The cells of one CSV row (RFC 4180): a cell that begins with a quote ends with one, doubled quotes inside stand for one, and
/// it may hold separators and line ends; in other cells a quote is a character like any other.
/// </summary>
internal sealed class CsvRow(byte separator)
{
    private readonly SearchValues<byte> _cellEnd = SearchValues.Create([separator, (byte)'\n']);
    private readonly ArrayBufferWriter<byte> _unquoted = new();
    private readonly List<(bool IsUnquoted, int Start, int Length)> _cells = [];

    public int Count => _cells.Count;

    /// <summary>Bytes of the row with its line end.</summary>
    public int Length { get; private set; }

    /// <param name="window">Begins with the row.</param>
    /// <param name="isComplete">True if nothing follows behind the window.</param>
    public CsvOutcome Read(ReadOnlySpan<byte> window, bool isComplete)
    {
        _cells.Clear();
        _unquoted.ResetWrittenCount();
        var place = 0;
        while (true)
        {
            var outcome = place < window.Length && window[place] == '"'
                ? ReadQuoted(window, isComplete, ref place)
                : ReadBare(window, isComplete, ref place);
            if (outcome != CsvOutcome.Row)
                return outcome;
            if (place == window.Length)
            {
                Length = place;
                return CsvOutcome.Row;
            }

            if (window[place++] == '\n')
            {
                Length = place;
                return CsvOutcome.Row;
            }
        }
    }

    /// <summary>The cell without quotes; <paramref name="window"/> is what the row was read from.</summary>
    public ReadOnlySpan<byte> Cell(ReadOnlySpan<byte> window, int index)
    {
        var (isUnquoted, start, length) = _cells[index];
        return (isUnquoted ? _unquoted.WrittenSpan : window).Slice(start, length);
    }

    private CsvOutcome ReadBare(ReadOnlySpan<byte> window, bool isComplete, ref int place)
    {
        var length = window[place..].IndexOfAny(_cellEnd);
        if (length < 0)
        {
            if (!isComplete)
                return CsvOutcome.Incomplete;
            length = window.Length - place;
        }

        var cell = window.Slice(place, length);
        var isLast = place + length == window.Length || window[place + length] == '\n';
        _cells.Add((false, place, isLast && cell.EndsWith("\r"u8) ? length - 1 : length));
        place += length;
        return CsvOutcome.Row;
    }

    private CsvOutcome ReadQuoted(ReadOnlySpan<byte> window, bool isComplete, ref int place)
    {
        var start = _unquoted.WrittenCount;
        place++;
        while (true)
        {
            var length = window[place..].IndexOf((byte)'"');
            if (length < 0)
                return isComplete ? CsvOutcome.Broken : CsvOutcome.Incomplete;
            _unquoted.Write(window.Slice(place, length));
            place += length + 1;
            if (place == window.Length && !isComplete)
                return CsvOutcome.Incomplete;
            if (place == window.Length || window[place] != '"')
                break;
            _unquoted.Write("\""u8);
            place++;
        }

        _cells.Add((true, start, _unquoted.WrittenCount - start));
        if (place < window.Length && window[place] == '\r')
            place++;
        return place == window.Length || window[place] == separator || window[place] == '\n' ? CsvOutcome.Row : CsvOutcome.Broken;
    }
}
