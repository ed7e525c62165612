using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary><c>has</c>: cohorts.md §3.</summary>
public sealed class HasTests
{
    private const string Products = """{"products":[{"category":"shoes","price":20},5,null,[{"category":"hats","price":90}],{"category":"bags","price":70,"tags":[{"n":"x"}]}]}""";

    [Theory]
    // one object satisfies the whole filter
    [InlineData("{products: {has: {category: bags, price: {at_least: 50}}}}", true)]
    [InlineData("{products: {has: {category: shoes, price: {at_least: 50}}}}", false)]
    [InlineData("{products.category: shoes, products.price: {at_least: 50}}", true)]
    // several in one test, each by itself
    [InlineData("{all: [{products: {has: {category: shoes}}}, {products: {has: {price: 70}}}]}", true)]
    // the objects of a nested array are passed over
    [InlineData("{products: {has: {category: hats}}}", false)]
    // an element by itself
    [InlineData("{/products/0: {has: {category: shoes}}}", true)]
    [InlineData("{/products/0: {has: {category: bags}}}", false)]
    // paths are taken from that object, in every form
    [InlineData("{products: {has: {/tags/0/n: x, tags.n: x}}}", true)]
    [InlineData("{products: {has: {products: {exists: true}}}}", false)]
    // all, any, not and has inside
    [InlineData("{products: {has: {any: [{category: hats}, {price: 70}], not: {category: shoes}}}}", true)]
    [InlineData("{products: {has: {tags: {has: {n: x}}}}}", true)]
    [InlineData("{products: {has: {tags: {has: {n: y}}}}}", false)]
    [InlineData("{products: {has: {category: shoes, tags: {has: {n: x}}}}}", false)]
    // beside other operators of the test, and before other paths
    [InlineData("{products: {has: {category: bags}, is: 5}}", true)]
    [InlineData("{products: {has: {category: bags}, is: 6}}", false)]
    [InlineData("{products: {has: {category: bags}}, products.price: 20}", true)]
    // objects found on a way through an array
    [InlineData("{products.tags: {has: {n: x}}}", false)]
    public void Holds_when(string filter, bool holds) => Assert.Equal(holds, FilterAnswer.Of(filter, Products));

    [Theory]
    [InlineData("{a.b: {has: {c: 1}}}", """{"a":[{"b":{"c":2}},{"b":{"c":1}}]}""", true)]
    [InlineData("{a: {has: {b.c: 1}}}", """{"a":{"b":{"c":2},"b.c":1}}""", true)]
    [InlineData("{a: {has: {b: 2}}}", """{"a":{"b":1,"b":2}}""", true)]
    [InlineData("{a: {has: {/$b: 2}}}", """{"a":{"$b":2}}""", true)]
    [InlineData("{a: {has: {é: x}}}", """{"a":{"\u00e9":"\u0078"}}""", true)]
    [InlineData("{not: {a: {has: {b: 1}}}}", "{}", true)]
    public void Holds_on(string filter, string properties, bool holds) => Assert.Equal(holds, FilterAnswer.Of(filter, properties));

    [Fact]
    public void Of_the_profile()
    {
        var script = new PartitionScript("id: a\nwhere: { property: { name: cars, has: { make: VW, year: { at_least: 2020 } } } }")
            .Identify("10:00", """{"$set":{"cars":[{"make":"VW","year":2010},{"make":"Audi","year":2024}]}}""");
        Assert.Empty(script.Deltas);
        Assert.Single(script.Identify("10:01", """{"$set":{"cars":[{"make":"VW","year":2024}]}}""").Deltas);
    }
}
