using System.Globalization;
using System.Text;

namespace CohortPipeline.Rules.Values;

/// <summary>
/// Undoes the escapes of JSON texts. Unlike the platform's reader it takes half a surrogate pair, which JSON's grammar
/// allows a producer to send, as U+FFFD: a text is never a reason to stop.
/// </summary>
internal static class JsonEscapes
{
    private const int HexDigits = 4;

    /// <summary>Writes the text between the quotes; what is written is never longer. Returns its length.</summary>
    public static int Undo(ReadOnlySpan<byte> content, Span<byte> destination)
    {
        var written = 0;
        while (!content.IsEmpty)
        {
            var plain = content.IndexOf((byte)'\\');
            if (plain < 0)
                plain = content.Length;
            content[..plain].CopyTo(destination[written..]);
            written += plain;
            content = content[plain..];
            if (!content.IsEmpty)
                written += UndoOne(ref content, destination[written..]);
        }

        return written;
    }

    private static int UndoOne(ref ReadOnlySpan<byte> content, Span<byte> destination)
    {
        var escaped = content[1];
        if (escaped == (byte)'u')
            return ReadRune(ref content).EncodeToUtf8(destination);
        content = content[2..];
        destination[0] = escaped switch
        {
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => escaped,
        };
        return 1;
    }

    private static Rune ReadRune(ref ReadOnlySpan<byte> content)
    {
        var first = ReadUnit(ref content);
        if (Rune.TryCreate(first, out var rune))
            return rune;
        if (!content.StartsWith("\\u"u8))
            return Rune.ReplacementChar;
        var rest = content;
        if (!Rune.TryCreate(first, ReadUnit(ref rest), out rune))
            return Rune.ReplacementChar;
        content = rest;
        return rune;
    }

    private static char ReadUnit(ref ReadOnlySpan<byte> content)
    {
        var unit = ushort.Parse(content.Slice(2, HexDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        content = content[(2 + HexDigits)..];
        return (char)unit;
    }
}
