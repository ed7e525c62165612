using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Values;

/// <summary>Scalars as raw JSON.</summary>
internal static class Scalar
{
    private const int NumberTextMax = 256;

    /// <summary>Whether the value is a number, or a text that is one.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> value, out decimal number)
    {
        number = 0;
        switch (RawJson.KindOf(value))
        {
            case RawKind.Number: return NumericText.TryParse(value, out number);
            case RawKind.Text: break;
            default: return false;
        }

        var content = value[1..^1];
        if (!content.Contains((byte)'\\'))
            return NumericText.TryParse(content, out number);
        Span<byte> unescaped = content.Length <= NumberTextMax ? stackalloc byte[NumberTextMax] : new byte[content.Length];
        return NumericText.TryParse(unescaped[..JsonEscapes.Undo(content, unescaped)], out number);
    }

    /// <summary>A text without quotes and escapes; anything else as it was written.</summary>
    public static string TextOf(ReadOnlySpan<byte> value) => RawJson.KindOf(value) == RawKind.Text ? Unescaped(value[1..^1]) : Encoding.UTF8.GetString(value);

    /// <summary>What stands between the quotes of a text, without escapes.</summary>
    public static string Unescaped(ReadOnlySpan<byte> content)
    {
        var unescaped = new byte[content.Length];
        return Encoding.UTF8.GetString(unescaped, 0, JsonEscapes.Undo(content, unescaped));
    }
}
