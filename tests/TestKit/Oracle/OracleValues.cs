using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>What values mean to filters and identify operations: numeric, equal, found by a path.</summary>
internal static partial class OracleValues
{
    /// <summary>The value as a number, if it is one or a text that is wholly one.</summary>
    public static decimal? Numeric(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => "",
        };
        return JsonNumber().IsMatch(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Equal as numbers if both are numeric, as texts otherwise; objects and lists by content.</summary>
    public static bool AreEqual(JsonElement left, JsonElement right, StringComparison comparison = StringComparison.Ordinal)
    {
        if (Numeric(left) is { } leftNumber && Numeric(right) is { } rightNumber)
            return leftNumber == rightNumber;
        return Text(left) is { } leftText && Text(right) is { } rightText
            ? string.Equals(leftText, rightText, comparison)
            : OracleJson.Canonical(left) == OracleJson.Canonical(right);
    }

    /// <summary>
    /// The value that a path leads to, or null. Through arrays it leads to one array of all that was found in their elements,
    /// nulls among it.
    /// </summary>
    public static JsonElement? Find(IReadOnlyDictionary<string, JsonElement> properties, string path)
    {
        if (properties.TryGetValue(path, out var whole))
            return whole;
        if (path.StartsWith('/'))
            return FindByPointer(properties, path);
        var names = path.Split('.');
        if (names.Length == 1 || !properties.TryGetValue(names[0], out var start))
            return null;
        var found = Descend(start, names.AsSpan(1), out var isThroughArray).ToList();
        return found.Count == 0 ? null : isThroughArray ? OracleJson.Array(found) : found[0];
    }

    private static List<JsonElement> Descend(JsonElement from, ReadOnlySpan<string> names, out bool isThroughArray)
    {
        isThroughArray = !names.IsEmpty && from.ValueKind == JsonValueKind.Array;
        if (names.IsEmpty)
            return [from];
        if (!isThroughArray)
            return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(names[0], out var next) ? Descend(next, names[1..], out isThroughArray) : [];
        var found = new List<JsonElement>();
        foreach (var element in from.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Array)
                found.AddRange(Descend(element, names, out _));
        }

        return found;
    }

    private static JsonElement? FindByPointer(IReadOnlyDictionary<string, JsonElement> properties, string pointer)
    {
        var names = pointer[1..].Split('/').Select(name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        if (!properties.TryGetValue(names[0], out var value))
            return null;
        foreach (var name in names.Skip(1))
        {
            if (value.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
                value = value[index];
            else if (OracleJson.Member(value, name) is { } member)
                value = member;
            else
                return null;
        }

        return value;
    }

    /// <summary>What positive tests are asked about: the value if it is a scalar, of an array each element that is one.</summary>
    public static IEnumerable<JsonElement> Scalars(JsonElement? value) => Elements(value).Where(element => Text(element) is not null);

    /// <summary>The value if it is an object, of an array each element that is one.</summary>
    public static IEnumerable<JsonElement> Objects(JsonElement? value) => Elements(value).Where(element => element.ValueKind == JsonValueKind.Object);

    /// <summary>Something that is the same for equal scalars, and for these alone.</summary>
    public static object Key(JsonElement scalar) => Numeric(scalar) is { } number ? number : Text(scalar)!;

    private static IEnumerable<JsonElement> Elements(JsonElement? value) => value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        { } one => [one],
    };

    /// <summary>The text of a scalar, of a number as it was written; null for anything else.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
