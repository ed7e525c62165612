using System.Text.Json;

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
    public static OracleFilter ParseTest(string path, JsonElement test) => test.ValueKind switch
    {
        JsonValueKind.Object => Join("all", test.EnumerateObject().Where(member => member.Name != "name").Select(member => ParseOperator(path, member.Name, member.Value)), (filters, subject) => filters.All(filter => filter.Holds(subject))),
        JsonValueKind.Array => ParseOperator(path, "in", test),
        _ => ParseOperator(path, "is", test),
    };

    private static OracleFilter ParseOperator(string path, string name, JsonElement operand)
    {
        Func<JsonElement?, bool> holds = name switch
        {
            "is" => value => Some(value, one => OracleValues.AreEqual(one, operand)),
            "is_not" => value => !Some(value, one => OracleValues.AreEqual(one, operand)),
            "in" => value => Some(value, one => operand.EnumerateArray().Any(choice => OracleValues.AreEqual(one, choice))),
            "not_in" => value => !Some(value, one => operand.EnumerateArray().Any(choice => OracleValues.AreEqual(one, choice))),
            "less_than" => value => Some(value, one => OracleValues.Numeric(one) < OracleValues.Numeric(operand)),
            "at_most" => value => Some(value, one => OracleValues.Numeric(one) <= OracleValues.Numeric(operand)),
            "more_than" => value => Some(value, one => OracleValues.Numeric(one) > OracleValues.Numeric(operand)),
            "at_least" => value => Some(value, one => OracleValues.Numeric(one) >= OracleValues.Numeric(operand)),
            "between" => value => Some(value, one => OracleValues.Numeric(one) >= OracleValues.Numeric(operand[0]) && OracleValues.Numeric(one) <= OracleValues.Numeric(operand[1])),
            "exists" => value => value is { ValueKind: not JsonValueKind.Null } == operand.GetBoolean(),
            _ => throw new NotSupportedException($"the oracle does not know the operator `{name}` yet"),
        };
        return new($"{path} {name} {OracleJson.Canonical(operand)}", subject => holds(subject.Find(path)));
    }

    /// <summary>An array satisfies a positive test if an element does; nulls, objects and nested arrays satisfy none.</summary>
    private static bool Some(JsonElement? value, Func<JsonElement, bool> holds) => value is { } found && found.ValueKind switch
    {
        JsonValueKind.Array => found.EnumerateArray().Any(element => IsScalar(element) && holds(element)),
        _ => IsScalar(found) && holds(found),
    };

    private static bool IsScalar(JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

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
