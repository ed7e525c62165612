namespace CohortPipeline.Tests.Unit.Rules.Filters.Index;

/// <summary>Filters and events made up from few paths and few values, so that they meet.</summary>
internal sealed class RandomFilters(int seed)
{
    private const string Greatest = "79228162514264337593543950335";
    private const string Least = "-" + Greatest;

    private static readonly string[] Paths = ["a", "b", "c.d", "list.e", "list", "/list/0/e", "$x", "$y.z"];
    private static readonly string[] Scalars = ["0", "1", "\"1.0\"", "2", "-3", "7.5", Least, Greatest, "1e40", "\"a\"", "\"A\"", "\"ab\"", "\"b\"", "true", "\"true\"", "\"\""];
    private static readonly string[] Numbers = [Least, "-3", "0", "1", "2", "7.5", "9", Greatest];
    private static readonly string[] Texts = ["\"a\"", "\"A\"", "\"b\"", "\"1\"", "\"\"", "\"ru\""];

    private static readonly string[] Textual = ["is", "is_not", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with", "matches"];

    private readonly Random _random = new(seed);

    public string Filter(int depth = 0)
    {
        var members = new List<string>();
        foreach (var path in Paths.Where(_ => _random.Next(Paths.Length) == 0))
            members.Add($"\"{path}\": {Test(depth)}");
        if (depth < 3)
        {
            if (_random.Next(6) == 0)
                members.Add($"\"all\": [{Filters(depth)}]");
            if (_random.Next(4) == 0)
                members.Add($"\"any\": [{Filters(depth)}]");
            if (_random.Next(6) == 0)
                members.Add($"\"not\": {Filter(depth + 1)}");
        }

        return $"{{{string.Join(", ", members)}}}";
    }

    /// <summary>Properties of an event, or its context.</summary>
    public string Values(params string[] names) =>
        $"{{{string.Join(", ", names.Where(_ => _random.Next(4) > 0).Select(name => $"\"{name}\": {Value(0)}"))}}}";

    private string Filters(int depth) => string.Join(", ", Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Filter(depth + 1)));

    private string Test(int depth)
    {
        if (_random.Next(4) == 0)
            return Pick(Scalars);
        var operators = Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => Operator(depth)).DistinctBy(text => text.Split(':')[0]).ToList();
        if (_random.Next(3) == 0 && operators.Exists(text => Textual.Contains(text.Split('"')[1])))
            operators.Add("\"ignore_case\": true");
        return $"{{{string.Join(", ", operators)}}}";
    }

    private string Operator(int depth) => _random.Next(15) switch
    {
        0 => $"\"is\": {Pick(Scalars)}",
        1 => $"\"is_not\": {Pick(Scalars)}",
        2 => $"\"in\": [{Pick(Scalars)}, {Pick(Scalars)}]",
        3 => $"\"not_in\": [{Pick(Scalars)}, {Pick(Scalars)}]",
        4 => $"\"less_than\": {Pick(Numbers)}",
        5 => $"\"at_most\": {Pick(Numbers)}",
        6 => $"\"more_than\": {Pick(Numbers)}",
        7 => $"\"at_least\": {Pick(Numbers)}",
        8 => $"\"between\": [{Numbers[_random.Next(4)]}, {Numbers[4 + _random.Next(4)]}]",
        9 => $"\"contains\": {Pick(Texts)}",
        10 => $"\"not_contains\": {Pick(Texts)}",
        11 => $"\"starts_with\": {Pick(Texts)}",
        12 => "\"matches\": \"^[a-z0-9]$\"",
        13 => depth < 3 ? $"\"has\": {Element()}" : $"\"ends_with\": {Pick(Texts)}",
        _ => $"\"exists\": {(_random.Next(2) == 0 ? "true" : "false")}",
    };

    private string Element() => _random.Next(4) == 0 ? "{}" : $"{{\"e\": {Test(depth: 3)}}}";

    private string Value(int depth)
    {
        var kind = _random.Next(depth < 2 ? 10 : 7);
        return kind switch
        {
            < 6 => Pick(Scalars),
            6 => "null",
            7 => $"{{\"d\": {Value(depth + 1)}, \"e\": {Value(depth + 1)}, \"z\": {Value(depth + 1)}}}",
            _ => $"[{string.Join(", ", Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)))}]",
        };
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
