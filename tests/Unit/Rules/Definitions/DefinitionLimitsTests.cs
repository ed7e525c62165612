using System.Globalization;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>The bounds of the language, at each and past it: cohorts.md §1 to §3.</summary>
public sealed class DefinitionLimitsTests
{
    [Theory]
    [InlineData("within: 1s", "within: 0s")]
    [InlineData("within: 400d", "within: 400d1s")]
    [InlineData("within: 57w1d", "within: 58w")]
    [InlineData("within: 399d23h59m60s", "within: 399d23h59m61s")]
    [InlineData("calendar: {days: 1}", "calendar: {days: 0}")]
    [InlineData("calendar: {days: 400}", "calendar: {days: 401}")]
    [InlineData("calendar: {weeks: 57}", "calendar: {weeks: 58}")]
    [InlineData("calendar: {months: 13}", "calendar: {months: 14}")]
    [InlineData("between: [2026-01-01, 2026-01-01T00:00:00.001Z]", "between: [2026-01-01, 2026-01-01T00:00:00.0009Z]")]
    [InlineData("count: {at_least: 0}", "count: {at_least: -1}")]
    [InlineData("count: {at_most: 10000}", "count: {at_most: 10001}")]
    [InlineData("days: {exactly: 10000}", "days: {exactly: 10001}")]
    [InlineData("distinct: {of: p, more_than: 10000}", "distinct: {of: p, more_than: 10001}")]
    [InlineData("count: {between: [3, 3]}", "count: {between: [4, 3]}")]
    [InlineData("sum: {of: p, at_least: 1000000000000000}", "sum: {of: p, at_least: 1000000000000000.1}")]
    [InlineData("avg: {of: p, at_least: -1000000000000000}", "avg: {of: p, at_least: -1000000000000001}")]
    [InlineData("min: {of: p, at_least: 0.000000001}", "min: {of: p, at_least: 0.0000000001}")]
    [InlineData("max: {of: p, between: [-1, -1]}", "max: {of: p, between: [-1, -1.5]}")]
    [InlineData("nth: 1", "nth: 0")]
    [InlineData("nth: 100", "nth: 101")]
    [InlineData("where: {p: {at_most: 79228162514264337593543950335}}", "where: {p: {at_most: 79228162514264337593543950336}}")]
    [InlineData("where: {p: {at_least: -79228162514264337593543950335}}", "where: {p: {at_least: -79228162514264337593543950336}}")]
    [InlineData("where: {p: {between: [1, 1]}}", "where: {p: {between: [1.1, 1]}}")]
    public void Of_a_did(string allowed, string refused) => AssertBound($"{{did: {{event: x, {allowed}}}}}", $"{{did: {{event: x, {refused}}}}}");

    [Fact]
    public void Of_lengths_and_numbers_of_things()
    {
        AssertBound(Named("id", new('a', 64)), Named("id", new('a', 65)));
        AssertBound(Named("name", new('a', 200)), Named("name", new('a', 201)));
        AssertBound(Named("name", string.Concat(Enumerable.Repeat("\U0001F45F", 200))), Named("name", string.Concat(Enumerable.Repeat("\U0001F45F", 201))));
        AssertBound(Matches(500), Matches(501));
        AssertBound(Named("export_properties", $"[{List(1000)}]"), Named("export_properties", $"[{List(1001)}]"));
        AssertBound($"{{did: {{event: {new string('é', 512)}}}}}", $"{{did: {{event: {new string('é', 512)}x}}}}");
        AssertBound($"{{did: {{event: [{List(32)}]}}}}", $"{{did: {{event: [{List(33)}]}}}}");
        AssertBound($"{{property: {{name: p, not_in: [{List(1000)}]}}}}", $"{{property: {{name: p, not_in: [{List(1001)}]}}}}");
        AssertBound($"{{did: {{event: x, where: {{any: [{Repeated("{p: 1}", 1000)}]}}}}}}", $"{{did: {{event: x, where: {{any: [{Repeated("{p: 1}", 1001)}]}}}}}}");
        AssertBound($"{{sequence: {{steps: [{Repeated("{event: x}", 2)}]}}}}", $"{{sequence: {{steps: [{Repeated("{event: x}", 1)}]}}}}");
        AssertBound($"{{sequence: {{steps: [{Repeated("{event: x}", 8)}]}}}}", $"{{sequence: {{steps: [{Repeated("{event: x}", 9)}]}}}}");
        AssertBound($"{{any: [{Repeated("{in_cohort: b}", 63)}]}}", $"{{any: [{Repeated("{in_cohort: b}", 64)}]}}");
    }

    /// <summary>The first date there is begins in eastern zones before the first instant that can be written.</summary>
    [Theory]
    [InlineData("did: { event: x, since: DATE }")]
    [InlineData("property: { name: born, before: DATE }")]
    public void Of_dates(string clause)
    {
        string In(string zone) => $"id: a\ntime_zone: {zone}\nwhere: {{ {clause.Replace("DATE", "0001-01-01", StringComparison.Ordinal)} }}";
        AssertBound(In("America/New_York"), In("Europe/Berlin"));
    }

    private static string Named(string field, string value) => field == "id" ? $"id: {value}\nwhere: {{in_cohort: b}}" : $"id: a\n{field}: {value}\nwhere: {{in_cohort: b}}";

    /// <summary>An expression of so many characters, a hundred of which are outside of the basic plane.</summary>
    private static string Matches(int characters) => $"{{property: {{name: p, matches: \"{string.Concat(Enumerable.Repeat("\U0001F45F", 100))}{new string('a', characters - 100)}\"}}}}";

    private static string List(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"e{i}")));

    private static string Repeated(string item, int count) => string.Join(", ", Enumerable.Repeat(item, count));

    private static void AssertBound(string allowed, string refused)
    {
        Assert.Empty(Errors(allowed));
        Assert.Single(Errors(refused));
    }

    private static IEnumerable<DefinitionError> Errors(string text) => DefinitionParser.Parse(text.StartsWith('{') ? $"id: a\nwhere: {text}" : text, "f.yaml").Errors;
}
