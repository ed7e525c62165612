using System.Text;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>What is read: cohorts.md §1.</summary>
public sealed class DefinitionParserTests
{
    private const string HighIntent = """
        id: high-intent                 # required; [a-z0-9][a-z0-9_-]{0,63}
        name: High intent shoppers      # default: the id; at most 200 characters
        description: Looked three times, has not bought
        time_zone: Europe/Berlin        # IANA name, default UTC
        export_properties: [city, plan] # profile properties that deltas carry
        labels: {owner: growth}         # free text pairs
        where:
          all:
            - did: { event: product_viewed, where: { category: { in: [shoes, bags] } }, count: { at_least: 3 }, within: 7d }
            - not: { did: { event: order_completed, within: 7d } }
            - property: { name: plan, is: pro }
        """;

    private const string HighIntentCanonical =
        """{"id":"high-intent","name":"High intent shoppers","description":"Looked three times, has not bought","time_zone":"Europe/Berlin","export_properties":["city","plan"],"labels":{"owner":"growth"},"where":{"all":[{"did":{"event":"product_viewed","where":{"category":{"in":["bags","shoes"]}},"within":"7d","count":{"at_least":3}}},{"not":{"did":{"event":"order_completed","within":"7d","count":{"at_least":1}}}},{"property":{"name":"plan","is":"pro"}}]}}""";

    [Fact]
    public void Reads_the_example_of_the_specification_and_writes_it_canonically() =>
        Assert.Equal(HighIntentCanonical, Canonical(HighIntent));

    [Fact]
    public void Canonical_JSON_reads_back_to_the_same_bytes() =>
        Assert.Equal(HighIntentCanonical, Encoding.UTF8.GetString(DefinitionWriter.ToJson(Assert.Single(DefinitionParser.Parse(Encoding.UTF8.GetBytes(HighIntentCanonical), "wire").Definitions))));

    [Fact]
    public void Name_time_zone_and_count_have_defaults() => Assert.Equal(
        """{"id":"a","name":"a","time_zone":"UTC","where":{"did":{"event":"view","count":{"at_least":1}}}}""",
        Canonical("{id: a, where: {did: {event: view}}}"));

    /// <summary>The same content in other clothes.</summary>
    [Theory]
    [InlineData("did: {event: [b, a, b]}", """did: {"event": ["a", "b"], "count": {at_least: 1}}""")]
    [InlineData("did: {event: [a]}", "did: {event: a}")]
    [InlineData("did: {event: a, within: 1w}", "did: {within: 7d, event: a}")]
    [InlineData("did: {event: a, within: 90s}", "did: {event: a, within: 1m30s}")]
    [InlineData("did: {event: a, where: {}}", "did: {event: a}")]
    [InlineData("did: {event: a, where: {c: shoes}}", "did: {event: a, where: {c: {is: shoes}}}")]
    [InlineData("did: {event: a, where: {c: [2, 1.0, shoes, 2]}}", "did: {event: a, where: {c: {in: [shoes, 1, 2.00]}}}")]
    [InlineData("did: {event: a, where: {x: 1, b: 2}}", "did: {event: a, where: {b: 2, x: 1}}")]
    [InlineData("property: {at_least: 1, name: a, less_than: 9}", "property: {name: a, less_than: 9.0, at_least: '1'}")]
    [InlineData("property: {name: a, is: 0x10}", "property: {name: a, is: 16}")]
    [InlineData("property: {name: a, is: 0o10}", "property: {name: a, is: +8}")]
    [InlineData("property: {name: a, is: .5}", "property: {name: a, is: 0.50}")]
    [InlineData("property: {name: a, is: 1e2}", "property: {name: a, is: 100}")]
    [InlineData("property: {name: a, is: True}", "property: {name: a, is: !!bool true}")]
    public void The_same_content_has_the_same_bytes(string one, string other) =>
        Assert.Equal(Canonical($"{{id: a, where: {{{one}}}}}"), Canonical($"{{id: a, where: {{{other}}}}}"));

    [Theory]
    [InlineData("NO", "\"NO\"")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("2026-03-01", "\"2026-03-01\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("'5'", "\"5\"")]
    [InlineData("!!str 5", "\"5\"")]
    [InlineData("05", "5")]
    [InlineData("-1.50", "-1.5")]
    [InlineData("FALSE", "false")]
    [InlineData("1e40", "1e40")]
    [InlineData(".inf", "\".inf\"")]
    public void Scalars_follow_the_core_schema_of_YAML_1_2(string yaml, string canonical) => Assert.Contains(
        $$"""{"name":"p","is":{{canonical}}}""",
        Canonical($$"""
            id: a
            where: { property: { name: p, is: {{yaml}} } }
            """),
        StringComparison.Ordinal);

    [Fact]
    public void A_file_holds_several_documents() => Assert.Equal(
        ["a", "b"],
        DefinitionParser.Parse("# two\n---\nid: a\nwhere: {did: {event: x}}\n---\nid: b\nwhere: {did: {event: x}}\n---\n", "f.yaml").Definitions.Select(definition => definition.Id));

    [Fact]
    public void A_file_holds_a_JSON_array() => Assert.Equal(
        ["a", "b"],
        DefinitionParser.Parse("\uFEFF[\t{\"id\":\"a\",\"where\":{\"did\":{\"event\":\"\\ud83d\\ude00\"}}},\n{\"id\":\"b\",\"where\":{\"did\":{\"event\":\"*\"}}}]", "f.json").Definitions.Select(definition => definition.Id));

    [Fact]
    public void Aliases_are_unfolded() => Assert.Equal(
        Canonical("{id: a, where: {any: [{did: {event: x}}, {not: {did: {event: x}}}]}}"),
        Canonical("{id: a, where: {any: [&x {did: {event: x}}, {not: *x}]}}"));

    [Fact]
    public void Aliases_that_unfold_without_end_are_refused()
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 40; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        Assert.Contains("aliases unfolded", Assert.Single(DefinitionParser.Parse(text.ToString(), "f.yaml").Errors).ToString(), StringComparison.Ordinal);
    }

    private static string Canonical(string text)
    {
        var result = DefinitionParser.Parse(text, "f.yaml");
        Assert.Empty(result.Errors);
        return Encoding.UTF8.GetString(DefinitionWriter.ToJson(Assert.Single(result.Definitions)));
    }
}
