using System.Text.Json;
using System.Text.RegularExpressions;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A filter on an event, or the test of a <c>property</c> clause, read from a definition's JSON as it stands.</summary>
internal sealed class OracleFilter
{
    private readonly Func<OracleSubject, bool> _holds;

    private OracleFilter(string text, Func<OracleSubject, bool> holds)
    {
        Text = text;
        _holds = holds;
    }

    /// <summary>Equal for filters that are written alike; shorthands are written out.</summary>
    public string Text { get; }

    public static OracleFilter Everything { get; } = new("", _ => true);

    public bool Holds(OracleSubject subject) => _holds(subject);

    /// <summary>A map from paths to tests, with <c>all</c>, <c>any</c> and <c>not</c> among them: all must hold.</summary>
    public static OracleFilter Parse(JsonElement json)
    {
        var parts = json.EnumerateObject().Select(member => member.Name switch
        {
            "all" => Join("all", member.Value.EnumerateArray().Select(Parse), (filters, subject) => filters.All(filter => filter.Holds(subject))),
            "any" => Join("any", member.Value.EnumerateArray().Select(Parse), (filters, subject) => filters.Any(filter => filter.Holds(subject))),
            "not" => Join("not", [Parse(member.Value)], (filters, subject) => !filters[0].Holds(subject)),
            _ => ParseTest(member.Name, member.Value),
        });
        return Join("all", parts, (filters, subject) => filters.All(filter => filter.Holds(subject)));
    }

    /// <summary>The operators of a test on one path, all of which must hold; a bare scalar is <c>is</c>, a bare list <c>in</c>.</summary>
    public static OracleFilter ParseTest(string path, JsonElement test)
    {
        if (test.ValueKind != JsonValueKind.Object)
            return ParseOperator(path, test.ValueKind == JsonValueKind.Array ? "in" : "is", test, ignoreCase: false);
        var ignoreCase = OracleJson.Member(test, "ignore_case")?.GetBoolean() == true;
        var parts = test.EnumerateObject().Where(member => member.Name != "ignore_case").Select(member => ParseOperator(path, member.Name, member.Value, ignoreCase));
        return Join("all", parts, (filters, subject) => filters.All(filter => filter.Holds(subject)));
    }

    private static OracleFilter ParseOperator(string path, string name, JsonElement operand, bool ignoreCase)
    {
        if (name == "has")
        {
            var inner = Parse(operand);
            return new($"{path} has ({inner.Text})", subject => OracleValues.Objects(subject.Find(path)).Any(one => inner.Holds(new(OracleSubject.Members(one), OracleSubject.Nothing))));
        }

        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var expression = name == "matches"
            ? new Regex(operand.GetString()!, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None))
            : null;
        bool Has(JsonElement one, Func<string, bool> holds) => OracleValues.Text(one) is { } text && holds(text);
        Func<JsonElement?, bool> holds = name switch
        {
            "is" => value => Some(value, one => OracleValues.AreEqual(one, operand, comparison)),
            "is_not" => value => !Some(value, one => OracleValues.AreEqual(one, operand, comparison)),
            "in" => value => Some(value, one => operand.EnumerateArray().Any(choice => OracleValues.AreEqual(one, choice, comparison))),
            "not_in" => value => !Some(value, one => operand.EnumerateArray().Any(choice => OracleValues.AreEqual(one, choice, comparison))),
            "less_than" => value => Some(value, one => OracleValues.Numeric(one) < OracleValues.Numeric(operand)),
            "at_most" => value => Some(value, one => OracleValues.Numeric(one) <= OracleValues.Numeric(operand)),
            "more_than" => value => Some(value, one => OracleValues.Numeric(one) > OracleValues.Numeric(operand)),
            "at_least" => value => Some(value, one => OracleValues.Numeric(one) >= OracleValues.Numeric(operand)),
            "between" => value => Some(value, one => OracleValues.Numeric(one) >= OracleValues.Numeric(operand[0]) && OracleValues.Numeric(one) <= OracleValues.Numeric(operand[1])),
            "contains" => value => Some(value, one => Has(one, text => text.Contains(operand.GetString()!, comparison))),
            "not_contains" => value => !Some(value, one => Has(one, text => text.Contains(operand.GetString()!, comparison))),
            "starts_with" => value => Some(value, one => Has(one, text => text.StartsWith(operand.GetString()!, comparison))),
            "ends_with" => value => Some(value, one => Has(one, text => text.EndsWith(operand.GetString()!, comparison))),
            "matches" => value => Some(value, one => Has(one, expression!.IsMatch)),
            "exists" => value => value is { ValueKind: not JsonValueKind.Null } == operand.GetBoolean(),
            _ => throw new NotSupportedException($"the oracle does not know the operator `{name}`"),
        };
        return new($"{path} {name} {OracleJson.Canonical(operand)}{(ignoreCase ? " ignoring case" : "")}", subject => holds(subject.Find(path)));
    }

    /// <summary>An array satisfies a positive test if an element does; nulls, objects and nested arrays satisfy none.</summary>
    private static bool Some(JsonElement? value, Func<JsonElement, bool> holds) => OracleValues.Scalars(value).Any(holds);

    private static OracleFilter Join(string word, IEnumerable<OracleFilter> parts, Func<OracleFilter[], OracleSubject, bool> holds)
    {
        var filters = parts.ToArray();
        return filters is [var only] && word != "not" ? only : new($"{word}({string.Join("; ", filters.Select(filter => filter.Text))})", subject => holds(filters, subject));
    }
}

/// <summary>What a filter looks at: an event's properties and context, or a profile's properties.</summary>
internal sealed record OracleSubject(IReadOnlyDictionary<string, JsonElement> Properties, IReadOnlyDictionary<string, JsonElement> Context)
{
    public static IReadOnlyDictionary<string, JsonElement> Nothing { get; } = new Dictionary<string, JsonElement>();

    public JsonElement? Find(string path) =>
        path.StartsWith('$') ? OracleValues.Find(Context, path[1..]) : OracleValues.Find(Properties, path);

    public static IReadOnlyDictionary<string, JsonElement> Members(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Object } value
            ? value.EnumerateObject().GroupBy(member => member.Name).ToDictionary(members => members.Key, members => members.Last().Value)
            : Nothing;
}
