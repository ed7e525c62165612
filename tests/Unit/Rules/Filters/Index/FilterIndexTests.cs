using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Values;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters.Index;

/// <summary>The index finds the filters that match, all of them and no other, without asking each.</summary>
public sealed class FilterIndexTests
{
    private const int CaseCount = 500;
    private const int FiltersPerCase = 30;
    private const int EventsPerCase = 20;

    /// <summary>A failure names its seed; <c>SEED=n</c> repeats from that seed on, <c>CASES=n</c> sets how many are tried.</summary>
    [Fact]
    public void Finds_what_asking_every_filter_finds()
    {
        var matches = new FilterMatches();
        var (values, found) = (new EventValues(), 0);
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new RandomFilters(seed);
            var texts = Enumerable.Range(0, FiltersPerCase).Select(_ => random.Filter()).ToArray();
            var filters = Parse(texts);
            var index = new FilterIndex(filters);
            for (var i = 0; i < EventsPerCase; i++)
            {
                var (properties, context) = (random.Values("a", "b", "c", "c.d", "list"), random.Values("x", "y"));
                Load(values, properties, context);
                index.All.Find(values, matches);
                var expected = Enumerable.Range(0, filters.Length).Where(number => filters[number].Matches(values)).ToArray();
                var actual = matches.Found.ToArray().Order().ToArray();
                found += actual.Length;
                var some = new NumberSet(filters.Length, Enumerable.Range(0, filters.Length).Where(number => (number + i) % 3 != 0));
                index.View(some).Find(values, matches);
                Assert.Equal(expected.Where(some.Contains), matches.Found.ToArray().Order());
                if (!expected.SequenceEqual(actual))
                    Assert.Fail($"SEED={seed} CASES=1 repeats it. Of {properties} in {context} the index differs in\n{string.Join("\n", expected.Except(actual).Concat(actual.Except(expected)).Select(number => texts[number]))}");
            }
        }

        Assert.True(found > 0, "nothing matched: the test proves nothing");
    }

    [Theory]
    [InlineData("{a: 1}", """{"a":1}""", """{"a":2}""")]
    [InlineData("{a: 1, b: {is_not: 1}}", """{"a":"1.0"}""", """{"b":2}""")]
    [InlineData("{a: [x, y]}", """{"a":["z","y"]}""", """{"a":["z","X"]}""")]
    [InlineData("{any: [{a: x}, {b: {at_least: 5}}]}", """{"b":5}""", """{"a":"y","b":4}""")]
    [InlineData("{all: [{a: {between: [1, 2]}}]}", """{"a":2}""", """{"a":3}""")]
    [InlineData("{a: {at_least: 5, less_than: 2}}", """{"a":[1,7]}""", """{"a":6}""")]
    [InlineData("{a: {at_least: 79228162514264337593543950335}}", """{"a":79228162514264337593543950335}""", """{"a":79228162514264337593543950334}""")]
    [InlineData("{a: {at_most: -79228162514264337593543950335}}", """{"a":-79228162514264337593543950335}""", """{"a":0}""")]
    [InlineData("{a: {has: {b: 1}}}", """{"a":{"b":1}}""", """{"b":1}""")]
    [InlineData("{a: {matches: x}}", """{"a":"x"}""", """{"b":"x"}""")]
    public void A_filter_is_asked_only_where_the_event_has_what_it_is_filed_under(string filter, string matching, string passedOver)
    {
        var index = new FilterIndex(Parse(filter));
        var (values, matches) = (new EventValues(), new FilterMatches());
        Load(values, matching, "");
        index.All.Find(values, matches);
        Assert.Equal([0], matches.Found.ToArray());
        Assert.Equal(1, matches.AskedCount);
        Load(values, passedOver, "");
        index.All.Find(values, matches);
        Assert.Empty(matches.Found.ToArray());
        Assert.Equal(0, matches.AskedCount);
    }

    [Fact]
    public void Of_many_filters_few_are_asked()
    {
        var index = new FilterIndex(Parse([.. Enumerable.Range(0, 500).Select(i => $"{{is_member: true, category: c{i}, price: {{at_least: {i}}}}}"), .. Enumerable.Range(0, 500).Select(i => $"{{price: {{between: [{i}, {i + 1}]}}}}")]));
        var (values, matches) = (new EventValues(), new FilterMatches());
        Load(values, """{"is_member":true,"category":"c7","price":99.5}""", "");
        index.All.Find(values, matches);
        Assert.Equal([7, 599], matches.Found.ToArray().Order());
        Assert.Equal(2, matches.AskedCount);
    }

    [Theory]
    [InlineData("is_member: true, category: c{0}", """{"is_member":true,"category":"c7"}""")]
    [InlineData("is_member: true, category: [c{0}, other]", """{"is_member":true,"category":"c7"}""")]
    [InlineData("is_member: true, price: {between: [{0}, {0}]}", """{"is_member":true,"price":7}""")]
    [InlineData("price: {at_least: 0}, category: c{0}", """{"price":7,"category":"c7"}""")]
    [InlineData("name: {contains: x}, price: {between: [{0}, {0}]}", """{"name":"x","price":7}""")]
    public void A_filter_is_filed_under_what_few_events_have(string filter, string properties)
    {
        var index = new FilterIndex(Parse([.. Enumerable.Range(0, 100).Select(i => $"{{{filter.Replace("{0}", $"{i}", StringComparison.Ordinal)}}}")]));
        var (values, matches) = (new EventValues(), new FilterMatches());
        Load(values, properties, "");
        index.All.Find(values, matches);
        Assert.Equal([7], matches.Found.ToArray());
        Assert.Equal(1, matches.AskedCount);
    }

    [Fact]
    public void Allocates_nothing()
    {
        var index = new FilterIndex(Parse(
            "{a: x}", "{}", "{a: {contains: X, ignore_case: true}}", "{a: {matches: '^x'}, b: {at_least: 5}}", "{b: {between: [1, 9]}}", "{list.e: [1, 2]}", "{list: {has: {e: 2}}}", "{$x: 1}", "{not: {b: 7}}"));
        var (values, matches) = (new EventValues(), new FilterMatches());
        var (properties, context) = (Encoding.UTF8.GetBytes("""{"a":"\u0078","b":"7","list":[{"e":1},{"e":2}]}"""), Encoding.UTF8.GetBytes("""{"x":1}"""));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                values.Properties.Load(properties);
                values.Context.Load(context);
                index.All.Find(values, matches);
            }
        }));
        Assert.Equal(8, matches.Found.Length);
    }

    [Fact]
    public void Says_what_must_be_loaded()
    {
        Assert.False(new FilterIndex(Parse("{}")).All.UsesProperties);
        Assert.False(new FilterIndex(Parse("{}", "{$x: 1}")).All.UsesProperties);
        Assert.True(new FilterIndex(Parse("{$x: 1}")).All.UsesContext);
        Assert.True(new FilterIndex(Parse("{$x: 1}", "{not: {a: 1}}")).All.UsesProperties);
    }

    private static ImmutableArray<Filter> Parse(params string[] filters)
    {
        var definitions = filters.Select((filter, i) => $"id: f{i}\nwhere: {{ did: {{ event: x, where: {filter} }} }}\n");
        var parsed = DefinitionParser.Parse(string.Join("---\n", definitions), "f.yaml");
        Assert.Empty(parsed.Errors);
        return [.. parsed.Definitions.Select(definition => ((DidClause)definition.Where).Match.Where)];
    }

    private static void Load(EventValues values, string properties, string context)
    {
        values.Properties.Load(Encoding.UTF8.GetBytes(properties));
        values.Context.Load(Encoding.UTF8.GetBytes(context));
    }
}
