using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A profile's properties and the identify operations on them.</summary>
internal sealed class OracleProperties
{
    private const int CountMax = 1_000;
    private const int BytesMax = 64 * 1024;

    private static readonly string[] Order =
        ["$clearAll", "$unset", "$set", "$setOnce", "$add", "$append", "$prepend", "$preInsert", "$postInsert", "$remove"];

    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, JsonElement> Values => _values;

    /// <summary>How often operations were applied.</summary>
    public int Changes { get; private set; }

    /// <summary>The properties of these names, or all for <c>*</c>, as canonical JSON.</summary>
    public string Export(string[] names)
    {
        if (names.Length == 0)
            return "";
        var exported = _values.Where(property => names is ["*"] || names.Contains(property.Key, StringComparer.Ordinal)).ToDictionary();
        return OracleJson.CanonicalObject(JsonSerializer.SerializeToElement(exported));
    }

    public void Apply(JsonElement operations)
    {
        Changes++;
        foreach (var operation in Order)
        {
            if (!operations.TryGetProperty(operation, out var operands))
                continue;
            if (operation == "$clearAll")
                _values.Clear();
            else
                Apply(operation, operands);
        }
    }

    private void Apply(string operation, JsonElement operands)
    {
        foreach (var operand in operands.EnumerateObject())
        {
            JsonElement? old = _values.TryGetValue(operand.Name, out var found) ? found : null;
            Put(operand.Name, After(operation, old, operand.Value));
        }
    }

    /// <summary>The value after one operation on one property; null: there is none.</summary>
    private static JsonElement? After(string operation, JsonElement? old, JsonElement operand)
    {
        var isNull = operand.ValueKind == JsonValueKind.Null;
        switch (operation)
        {
            case "$unset": return null;
            case "$set": return isNull ? null : operand;
            case "$setOnce": return old ?? (isNull ? null : operand);
            case "$add": return Sum(old, operand);
            case "$remove": return Without(old, Listed(operand));
        }

        var added = Listed(operand);
        var list = old is { } value ? Listed(value, nulls: true) : [];
        if (operation is "$preInsert" or "$postInsert")
            added = NewOnes(added, list);
        if (added.Count == 0)
            return old;
        return OracleJson.Array(operation is "$append" or "$postInsert" ? list.Concat(added) : added.Concat(list));
    }

    private static JsonElement? Sum(JsonElement? old, JsonElement operand)
    {
        if (OracleValues.Numeric(operand) is not { } amount)
            return old;
        if (old is not { } value)
            return OracleJson.Number(amount);
        try
        {
            return OracleValues.Numeric(value) is { } number ? OracleJson.Number(number + amount) : old;
        }
        catch (OverflowException)
        {
            return old;
        }
    }

    private static JsonElement? Without(JsonElement? old, List<JsonElement> gone)
    {
        if (old is not { } value)
            return null;
        bool Stays(JsonElement one) => !gone.Exists(other => OracleValues.AreEqual(one, other));
        if (value.ValueKind != JsonValueKind.Array)
            return Stays(value) ? old : null;
        return OracleJson.Array(value.EnumerateArray().Where(Stays));
    }

    private static List<JsonElement> NewOnes(List<JsonElement> added, List<JsonElement> list)
    {
        var fresh = new List<JsonElement>();
        foreach (var value in added)
        {
            if (!list.Concat(fresh).Any(known => OracleValues.AreEqual(known, value)))
                fresh.Add(value);
        }

        return fresh;
    }

    /// <summary>A list's values, or the one value as a list; nulls in operands are ignored.</summary>
    private static List<JsonElement> Listed(JsonElement value, bool nulls = false) =>
        [.. (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : (IEnumerable<JsonElement>)[value]).Where(one => nulls || one.ValueKind != JsonValueKind.Null)];

    private void Put(string name, JsonElement? value)
    {
        if (value is not { } present)
        {
            _values.Remove(name);
            return;
        }

        var others = _values.Where(property => property.Key != name).ToList();
        if (others.Count < CountMax && Size(others) + Size(name, present) <= BytesMax)
            _values[name] = present;
    }

    /// <summary>Bytes of these properties and their commas in one compact object, its braces included.</summary>
    private static int Size(List<KeyValuePair<string, JsonElement>> properties) => 2 + properties.Sum(property => Size(property.Key, property.Value) + 1);

    private static int Size(string name, JsonElement value) =>
        System.Text.Encoding.UTF8.GetByteCount(OracleJson.Canonical(JsonSerializer.SerializeToElement(name))) + 1 + System.Text.Encoding.UTF8.GetByteCount(OracleJson.Canonical(value));
}
