using System.Globalization;
using System.Text;

namespace CohortPipeline.Rules.Values;

/// <summary>
/// A text that two JSON values share exactly when they are equal: scalars as in filters (numeric ones as decimals, others
/// as text), lists element by element, objects by their members in any order.
/// </summary>
internal static class EqualityKey
{
    public static string Of(ReadOnlySpan<byte> value)
    {
        var key = new StringBuilder();
        Append(value, key);
        return key.ToString();
    }

    private static void Append(ReadOnlySpan<byte> value, StringBuilder key)
    {
        switch (RawJson.KindOf(value))
        {
            case RawKind.Null:
                key.Append('n');
                break;
            case RawKind.Array:
                key.Append('[');
                foreach (var element in new RawElements(value))
                    Append(value[element], key);
                key.Append(']');
                break;
            case RawKind.Object:
                AppendObject(value, key);
                break;
            default:
                AppendScalar(value, key);
                break;
        }
    }

    private static void AppendScalar(ReadOnlySpan<byte> value, StringBuilder key)
    {
        if (Scalar.TryNumber(value, out var number))
            AppendText(number == 0 ? "0" : number.ToString("G29", CultureInfo.InvariantCulture), key.Append('d'));
        else
            AppendText(Scalar.TextOf(value), key.Append('t'));
    }

    private static void AppendObject(ReadOnlySpan<byte> value, StringBuilder key)
    {
        // A name that stands twice counts once, with its last value.
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in new RawMembers(value))
            members[Scalar.Unescaped(value[member.Name])] = Of(value[member.Value]);

        key.Append('{');
        foreach (var (name, member) in members)
        {
            AppendText(name, key);
            key.Append(member);
        }

        key.Append('}');
    }

    /// <summary>With its length before it, so that no text can look like the end of another.</summary>
    private static void AppendText(string text, StringBuilder key) => key.Append(CultureInfo.InvariantCulture, $"{text.Length}:").Append(text);
}
