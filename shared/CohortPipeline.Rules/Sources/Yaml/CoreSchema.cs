using System.Globalization;
using System.Numerics;

namespace CohortPipeline.Rules.Sources.Yaml;

/// <summary>Plain scalars by the core schema of YAML 1.2: <c>NO</c>, <c>yes</c> and dates are texts.</summary>
internal static class CoreSchema
{
    public static (ScalarKind Kind, string Text) Resolve(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return (ScalarKind.Null, "null");
        if (text is "true" or "True" or "TRUE")
            return (ScalarKind.Boolean, "true");
        if (text is "false" or "False" or "FALSE")
            return (ScalarKind.Boolean, "false");
        return TryNumber(text, out var number) ? (ScalarKind.Number, number) : (ScalarKind.Text, text);
    }

    /// <summary>The JSON form of a whole number (decimal, <c>0o</c>, <c>0x</c>) or a number with a fraction. <c>.inf</c> and <c>.nan</c> are no numbers here: they stay texts.</summary>
    public static bool TryNumber(string text, out string number)
    {
        number = "";
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return TryRadix(text.AsSpan(2), 16, out number);
        if (text.StartsWith("0o", StringComparison.Ordinal))
            return TryRadix(text.AsSpan(2), 8, out number);

        var rest = text.AsSpan();
        var sign = rest.StartsWith("-") ? "-" : "";
        if (!rest.IsEmpty && rest[0] is ('-' or '+'))
            rest = rest[1..];
        var exponentAt = rest.IndexOfAny('e', 'E');
        var exponent = exponentAt < 0 ? "" : rest[exponentAt..];
        var mantissa = exponentAt < 0 ? rest : rest[..exponentAt];
        var dot = mantissa.IndexOf('.');
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var fraction = dot < 0 ? "" : mantissa[(dot + 1)..];
        if (!AllDigits(whole) || !AllDigits(fraction) || whole.Length + fraction.Length == 0 || !IsExponent(exponent))
            return false;
        whole = whole.TrimStart('0');
        number = $"{sign}{(whole.IsEmpty ? "0" : whole)}{(fraction.IsEmpty ? "" : ".")}{fraction}{exponent}";
        return true;
    }

    private static bool TryRadix(ReadOnlySpan<char> digits, int radix, out string number)
    {
        number = "";
        var value = BigInteger.Zero;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiDigit(character) ? character - '0'
                : char.IsAsciiHexDigit(character) ? 10 + char.ToLowerInvariant(character) - 'a'
                : radix;
            if (digit >= radix)
                return false;
            value = (value * radix) + digit;
        }

        number = value.ToString(CultureInfo.InvariantCulture);
        return digits.Length > 0;
    }

    private static bool IsExponent(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return true;
        text = text[1..];
        if (!text.IsEmpty && text[0] is ('-' or '+'))
            text = text[1..];
        return !text.IsEmpty && AllDigits(text);
    }

    private static bool AllDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;
}
