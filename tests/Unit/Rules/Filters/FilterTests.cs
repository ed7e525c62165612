using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary>Filters, paths and operators: cohorts.md §3.</summary>
public sealed class FilterTests
{
    [Theory]
    // is, is_not, in, not_in; a bare scalar is `is`, a bare list is `in`
    [InlineData("{c: shoes}", """{"c":"shoes"}""", true)]
    [InlineData("{c: shoes}", """{"c":"Shoes"}""", false)]
    [InlineData("{c: [shoes, bags]}", """{"c":"bags"}""", true)]
    [InlineData("{c: {in: [shoes, bags]}}", """{"c":"hats"}""", false)]
    [InlineData("{c: {is_not: shoes}}", """{"c":"hats"}""", true)]
    [InlineData("{c: {not_in: [shoes, bags]}}", """{"c":"bags"}""", false)]
    // equality: if both sides are numeric, as decimals; else as text
    [InlineData("{c: 5}", """{"c":5.0}""", true)]
    [InlineData("{c: 5}", """{"c":"5"}""", true)]
    [InlineData("{c: '5.0'}", """{"c":5}""", true)]
    [InlineData("{c: 100}", """{"c":"1e2"}""", true)]
    [InlineData("{c: 5}", """{"c":" 5"}""", false)]
    [InlineData("{c: '05'}", """{"c":5}""", false)]
    [InlineData("{c: '05'}", """{"c":"05"}""", true)]
    [InlineData("{c: true}", """{"c":"true"}""", true)]
    [InlineData("{c: 'false'}", """{"c":false}""", true)]
    [InlineData("{c: 1}", """{"c":true}""", false)]
    // numeric: digits beyond what System.Decimal holds are rounded half-even; beyond its range it is text
    [InlineData("{c: 0.1234567890123456789012345678}", """{"c":0.12345678901234567890123456785}""", true)]
    [InlineData("{c: 79228162514264337593543950335}", """{"c":"79228162514264337593543950335"}""", true)]
    [InlineData("{c: 79228162514264337593543950336}", """{"c":79228162514264337593543950336}""", true)]
    [InlineData("{c: 1e40}", """{"c":10000000000000000000000000000000000000000}""", false)]
    [InlineData("{c: {more_than: 1}}", """{"c":1e40}""", false)]
    // order operators: numbers only, both ends of between included
    [InlineData("{c: {less_than: 5}}", """{"c":4.999}""", true)]
    [InlineData("{c: {less_than: 5}}", """{"c":5}""", false)]
    [InlineData("{c: {at_most: 5}}", """{"c":"5"}""", true)]
    [InlineData("{c: {more_than: 5}}", """{"c":5}""", false)]
    [InlineData("{c: {at_least: 5}}", """{"c":5}""", true)]
    [InlineData("{c: {at_least: 5}}", """{"c":"many"}""", false)]
    [InlineData("{c: {at_least: 0}}", """{"c":true}""", false)]
    [InlineData("{c: {between: [1, 2]}}", """{"c":1}""", true)]
    [InlineData("{c: {between: [1, 2]}}", """{"c":2}""", true)]
    [InlineData("{c: {between: [1, 2]}}", """{"c":2.1}""", false)]
    // absent or null: positive tests are false, negations true
    [InlineData("{c: {is: shoes}}", "{}", false)]
    [InlineData("{c: {is: shoes}}", """{"c":null}""", false)]
    [InlineData("{c: {is_not: shoes}}", "{}", true)]
    [InlineData("{c: {not_in: [shoes]}}", """{"c":null}""", true)]
    [InlineData("{c: {is: 'null'}}", """{"c":null}""", false)]
    // exists: the path has a value other than null; [] and {} are values
    [InlineData("{c: {exists: true}}", """{"c":0}""", true)]
    [InlineData("{c: {exists: true}}", """{"c":[]}""", true)]
    [InlineData("{c: {exists: true}}", """{"c":{}}""", true)]
    [InlineData("{c: {exists: true}}", """{"c":null}""", false)]
    [InlineData("{c: {exists: false}}", "{}", true)]
    // an array satisfies a positive test if an element does; nested arrays and nulls are passed over
    [InlineData("{c: a}", """{"c":["b","a"]}""", true)]
    [InlineData("{c: a}", """{"c":[["a"],null]}""", false)]
    [InlineData("{c: {is_not: a}}", """{"c":["b","a"]}""", false)]
    [InlineData("{c: {is_not: a}}", """{"c":[["a"]]}""", true)]
    [InlineData("{c: {at_least: 5}}", """{"c":[1,"7"]}""", true)]
    // several operators in one test must all hold, each by itself
    [InlineData("{c: {at_least: 5, less_than: 9}}", """{"c":9}""", false)]
    [InlineData("{c: {at_least: 5, less_than: 2}}", """{"c":[1,7]}""", true)]
    // an object satisfies only exists and has
    [InlineData("{c: {is: a}}", """{"c":{"a":"a"}}""", false)]
    [InlineData("{c: {is_not: a}}", """{"c":{"a":"a"}}""", true)]
    // a path is dotted; a property whose name is the whole path wins over the split one
    [InlineData("{cart.total: 5}", """{"cart":{"total":5}}""", true)]
    [InlineData("{cart.total: 5}", """{"cart":{"total":5},"cart.total":6}""", false)]
    [InlineData("{cart.total: 5}", """{"cart":{"total":5},"cart.total":null}""", false)]
    [InlineData("{a.b.c: 5}", """{"a":{"b":{"c":5}}}""", true)]
    [InlineData("{a.b.c: 5}", """{"a":{"b.c":5}}""", false)]
    [InlineData("{a.b: 5}", """{"a":5}""", false)]
    // a path that meets an array goes through its elements that are not arrays
    [InlineData("{products.category: bags}", """{"products":[{"category":"shoes"},{"category":"bags"}]}""", true)]
    [InlineData("{products.category: bags}", """{"products":[[{"category":"bags"}],5,null]}""", false)]
    [InlineData("{products.category: {exists: true}}", """{"products":[{"sku":1}]}""", false)]
    [InlineData("{products.category: {exists: true}}", """{"products":[]}""", false)]
    [InlineData("{products.tags.name: x}", """{"products":[{"tags":[{"name":"y"},{"name":"x"}]}]}""", true)]
    [InlineData("{products.category: {is_not: bags}}", """{"products":[{"category":"shoes"}]}""", true)]
    // one starting with / is a JSON Pointer
    [InlineData("{/products/0/sku: a}", """{"products":[{"sku":"a"},{"sku":"b"}]}""", true)]
    [InlineData("{/products/1/sku: a}", """{"products":[{"sku":"a"},{"sku":"b"}]}""", false)]
    [InlineData("{/products/01/sku: b}", """{"products":[{"sku":"a"},{"sku":"b"}]}""", false)]
    [InlineData("{/products/-: a}", """{"products":["a"]}""", false)]
    [InlineData("{/products/sku: a}", """{"products":[{"sku":"a"}]}""", false)]
    [InlineData("{/all: 1}", """{"all":1}""", true)]
    [InlineData("{/a~1b/c~0d: 1}", """{"a/b":{"c~d":1}}""", true)]
    [InlineData("{/a.b: 1}", """{"a":{"b":1}}""", false)]
    [InlineData("{/$email: x}", """{"$email":"x"}""", true)]
    [InlineData("{/: 1}", """{"":1}""", true)]
    // escapes in names and texts
    [InlineData("{c: é}", """{"c":"\u00e9"}""", true)]
    [InlineData("{c: 5}", """{"c":"\u0035"}""", true)]
    [InlineData("{a.é: 😀}", """{"\u0061":{"\u00e9":"\ud83d\ude00"}}""", true)]
    [InlineData("{c: x}", """{"c":"\ud800"}""", false)]
    [InlineData("""{c: "a\"b\\c\n"}""", """{"c":"a\"b\\c\n"}""", true)]
    // of a name that stands twice the last one counts
    [InlineData("{c: 2}", """{"c":1,"c":2}""", true)]
    [InlineData("{a.c: 1}", """{"a":{"c":1,"c":2}}""", false)]
    // white space
    [InlineData("{a.b: 1}", """ { "a" : [ { "b" : 1 } ] } """, true)]
    // all, any, not over filters; both forms may be mixed, and all must hold
    [InlineData("{any: [{a: 1}, {b: 1}]}", """{"b":1}""", true)]
    [InlineData("{any: [{a: 1}, {b: 1}]}", """{"b":2}""", false)]
    [InlineData("{all: [{a: 1}, {b: 1}]}", """{"a":1}""", false)]
    [InlineData("{not: {a: 1}}", """{"a":1}""", false)]
    [InlineData("{c: 1, any: [{a: 1}, {b: 1}], not: {d: 1}}", """{"c":1,"a":1,"d":2}""", true)]
    [InlineData("{c: 1, any: [{a: 1}, {b: 1}], not: {d: 1}}", """{"c":1,"a":1,"d":1}""", false)]
    [InlineData("{c: 1, any: [{a: 1}, {b: 1}], not: {d: 1}}", """{"c":1}""", false)]
    public void Of_events(string filter, string properties, bool matches) => Assert.Equal(
        matches ? 1 : 0,
        new PartitionScript($$"""
            id: matched
            where: { did: { event: view, where: {{filter}} } }
            """).Event("10:00", "view", properties).Deltas.Length);

    [Theory]
    [InlineData("{$platform: ios}", """{"platform":"ios"}""", true)]
    [InlineData("{$page.url: /shop}", """{"page":{"url":"/shop"}}""", true)]
    [InlineData("{$page.url: /shop}", """{"page.url":"/shop"}""", true)]
    [InlineData("{platform: ios}", """{"platform":"ios"}""", false)]
    [InlineData("{$platform: {exists: false}}", null, true)]
    public void A_dollar_path_looks_in_the_context(string filter, string? context, bool matches) => Assert.Equal(
        matches ? 1 : 0,
        new PartitionScript($$"""
            id: matched
            where: { did: { event: view, where: {{filter}} } }
            """).Event("10:00", "view", properties: """{"$platform":"ios"}""", context: context).Deltas.Length);

    [Theory]
    [InlineData("name: plan, is: pro", """{"plan":"pro"}""", true)]
    [InlineData("name: plan, in: [pro, team]", """{"plan":["free","team"]}""", true)]
    [InlineData("name: plan, not_in: [pro, team]", "{}", true)]
    [InlineData("name: age, at_least: 18, less_than: 30", """{"age":"29"}""", true)]
    [InlineData("name: address.city, is: Ulm", """{"address":{"city":"Ulm"}}""", true)]
    [InlineData("name: address.city, is: Ulm", """{"address.city":"Ulm"}""", true)]
    [InlineData("name: /tags/1, is: b", """{"tags":["a","b"]}""", true)]
    [InlineData("name: plan, exists: false", """{"plan":[]}""", false)]
    public void Of_the_profile(string property, string properties, bool matches)
    {
        var script = new PartitionScript($$"""
            id: matched
            where: { property: { {{property}} } }
            """).Event("10:00", "view").Identify("10:01", $$"""{"$set":{{properties}}}""");
        Assert.Equal(matches, script.Profile.Memberships.Length == 1);
    }

    [Theory]
    [InlineData("event: view", "view", true)]
    [InlineData("event: view", "View", false)]
    [InlineData("event: [buy, view]", "view", true)]
    [InlineData("event: '*'", "anything", true)]
    [InlineData("event: '*', where: {c: 1}", "anything", false)]
    public void Of_event_types(string did, string type, bool matches) =>
        Assert.Equal(matches ? 1 : 0, new PartitionScript($"{{id: a, where: {{did: {{{did}}}}}}}").Event("10:00", type).Deltas.Length);
}
