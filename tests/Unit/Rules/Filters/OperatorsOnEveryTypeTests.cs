using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary>Every operator on every JSON type: cohorts.md §3.</summary>
public sealed class OperatorsOnEveryTypeTests
{
    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["absent"] = "{}",
        ["null"] = """{"c":null}""",
        ["boolean"] = """{"c":true}""",
        ["number"] = """{"c":5}""",
        ["numeral"] = """{"c":"5"}""",
        ["text"] = """{"c":"shoes"}""",
        ["empty-list"] = """{"c":[]}""",
        ["list"] = """{"c":[null,["bags"],"shoes",7]}""",
        ["empty-object"] = """{"c":{}}""",
        ["object"] = """{"c":{"shoes":5}}""",
        ["objects"] = """{"c":[[{"bags":1}],{"shoes":5}]}""",
    };

    [Theory]
    [InlineData("is: shoes", "text list")]
    [InlineData("is: true", "boolean")]
    [InlineData("is: 5", "number numeral")]
    [InlineData("is: bags", "")]
    [InlineData("is_not: shoes", "absent null boolean number numeral empty-list empty-object object objects")]
    [InlineData("is_not: true", "absent null number numeral text empty-list list empty-object object objects")]
    [InlineData("in: [shoes, 5]", "number numeral text list")]
    [InlineData("not_in: [shoes, 5]", "absent null boolean empty-list empty-object object objects")]
    [InlineData("less_than: 6", "number numeral")]
    [InlineData("at_most: 5", "number numeral")]
    [InlineData("more_than: 5", "list")]
    [InlineData("at_least: 5", "number numeral list")]
    [InlineData("between: [5, 6]", "number numeral")]
    [InlineData("contains: e", "boolean text list")]
    [InlineData("contains: '5'", "number numeral")]
    [InlineData("contains: ''", "boolean number numeral text list")]
    [InlineData("not_contains: e", "absent null number numeral empty-list empty-object object objects")]
    [InlineData("starts_with: s", "text list")]
    [InlineData("starts_with: t", "boolean")]
    [InlineData("ends_with: s", "text list")]
    [InlineData("ends_with: '5'", "number numeral")]
    [InlineData("matches: '^[a-z]+$'", "boolean text list")]
    [InlineData("matches: '^[0-9]$'", "number numeral list")]
    [InlineData("is: SHOES, ignore_case: true", "text list")]
    [InlineData("in: [SHOES, TRUE, 5.0], ignore_case: true", "boolean number numeral text list")]
    [InlineData("not_in: [SHOES, 'TRUE'], ignore_case: true", "absent null number numeral empty-list empty-object object objects")]
    [InlineData("has: {}", "empty-object object objects")]
    [InlineData("has: { shoes: 5 }", "object objects")]
    [InlineData("has: { shoes: { is_not: 5 } }", "empty-object")]
    [InlineData("has: { bags: 1 }", "")]
    [InlineData("exists: true", "boolean number numeral text empty-list list empty-object object objects")]
    [InlineData("exists: false", "absent null")]
    public void Holds_for(string test, string types) => Assert.Equal(
        types,
        string.Join(' ', Values.Where(value => FilterAnswer.Of($"{{ c: {{ {test} }} }}", value.Value)).Select(value => value.Key)));
}
