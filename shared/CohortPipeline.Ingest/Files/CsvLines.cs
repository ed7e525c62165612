using System.Text;
using System.Text.Unicode;

namespace CohortPipeline.Ingest;

/// <summary>Rows under a header. A row with fewer or more cells than the header was cut or is broken, and is none.</summary>
internal sealed class CsvLines : ILineFormat
{
    private static ReadOnlySpan<byte> Separators => ",;\t|"u8;

    private readonly LineBuffer _lines;
    private readonly CsvRow _row;
    private readonly CsvRecordWriter _writer;

    /// <exception cref="RecordFileException">There is no header that names an event type and a user or device id.</exception>
    public CsvLines(LineBuffer lines, CsvMap map)
    {
        _lines = lines;
        while (lines.LineLength(0) < 0 && lines.Window.Length <= LineBuffer.LineBytesMax)
            lines.Fill();
        if (lines.Window.StartsWith("\uFEFF"u8))
            lines.Skip("\uFEFF"u8.Length);
        _row = new(SeparatorOf(lines.Window[..Math.Max(0, lines.LineLength(0))]));
        if (lines.IsEmpty || !TryReadRow(out _))
            throw new RecordFileException("the file is empty, or its first line is no CSV header");
        var header = new string[_row.Count];
        for (var column = 0; column < header.Length; column++)
            header[column] = Encoding.UTF8.GetString(_row.Cell(lines.Window, column)).Trim();
        _writer = new(header, map);
        lines.Skip(_row.Length);
    }

    public bool Next(LineRecords records)
    {
        while (true)
        {
            if (_lines.IsEmpty && !_lines.Fill())
                return false;
            var number = _lines.LineNumber;
            if (!TryReadRow(out var problem))
            {
                // Only this line is given up: a quote that never closes must not swallow the rest of the file.
                records.Reject(number, problem);
                _lines.SkipLine();
                return true;
            }

            var window = _lines.Window;
            if (_row.Count == 1 && _row.Cell(window, 0).Trim(" \t"u8).IsEmpty)
            {
                _lines.Skip(_row.Length);
                continue;
            }

            if (_row.Count != _writer.ColumnCount)
                records.Reject(number, $"the row has {_row.Count} cells where the header has {_writer.ColumnCount}: {Beginning(window[.._row.Length])}");
            else if (!Utf8.IsValid(window[.._row.Length]))
                records.Reject(number, "the row is no UTF-8");
            else
                records.Accept(number, _writer.Write(_row, window));
            _lines.Skip(_row.Length);
            return true;
        }
    }

    public void Dispose() => _writer.Dispose();

    private bool TryReadRow(out string problem)
    {
        problem = "";
        while (true)
        {
            switch (_row.Read(_lines.Window, _lines.IsComplete))
            {
                case CsvOutcome.Row:
                    return true;
                case CsvOutcome.Broken:
                    problem = "a quoted cell that does not end with its quote";
                    return false;
            }

            if (_lines.Window.Length > LineBuffer.LineBytesMax)
            {
                problem = $"a row of more than {LineBuffer.LineBytesMax} bytes, or a quote that is never closed";
                return false;
            }

            _lines.Fill();
        }
    }

    /// <summary>The candidate that the header has most often.</summary>
    private static byte SeparatorOf(ReadOnlySpan<byte> header)
    {
        var best = Separators[0];
        foreach (var candidate in Separators)
        {
            if (header.Count(candidate) > header.Count(best))
                best = candidate;
        }

        return best;
    }

    private static string Beginning(ReadOnlySpan<byte> row)
    {
        const int ShownMax = 80;
        var text = Encoding.UTF8.GetString(row).TrimEnd();
        return text.Length <= ShownMax ? text : string.Concat(text.AsSpan(0, ShownMax), "…");
    }
}
