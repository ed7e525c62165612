using System.Buffers;
using System.Text;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>
/// One row of CSV (RFC 4180, CRLF) as it grows, field by field: an absent value is empty, an empty text is <c>""</c>.
/// The buffer is used again for the next row.
/// </summary>
internal sealed class CsvRow
{
    private static readonly SearchValues<byte> Quoted = SearchValues.Create("\",\r\n"u8);
    private static readonly SearchValues<byte> FormulaStarts = SearchValues.Create("=+-@\t\r"u8);

    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private bool _hasFields;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public static bool IsFormula(ReadOnlySpan<byte> text) => !text.IsEmpty && FormulaStarts.Contains(text[0]);

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _hasFields = false;
    }

    public void Absent() => Separate();

    /// <summary>A text, with <paramref name="prefix"/> before it.</summary>
    public void Text(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix = default)
    {
        Separate();
        if (!text.IsEmpty && text.IndexOfAny(Quoted) < 0)
        {
            _bytes.Write(prefix);
            _bytes.Write(text);
            return;
        }

        _bytes.Write("\""u8);
        _bytes.Write(prefix);
        for (var quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            _bytes.Write(text[..(quote + 1)]);
            _bytes.Write("\""u8);
            text = text[(quote + 1)..];
        }

        _bytes.Write(text);
        _bytes.Write("\""u8);
    }

    public void Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public void Number(long number)
    {
        Separate();
        number.TryFormat(_bytes.GetSpan(20), out var written, provider: System.Globalization.CultureInfo.InvariantCulture);
        _bytes.Advance(written);
    }

    public void End() => _bytes.Write("\r\n"u8);

    private void Separate()
    {
        if (_hasFields)
            _bytes.Write(","u8);
        _hasFields = true;
    }
}
