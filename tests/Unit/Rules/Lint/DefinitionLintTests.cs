using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Lint;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Lint;

/// <summary>What is legal and rarely meant: cohorts.md §8.</summary>
public sealed class DefinitionLintTests
{
    private const string ForNobody = "a user without any event is a member";

    [Theory]
    [InlineData("{did: {event: x, count: {at_most: 3}}}")]
    [InlineData("{did: {event: x, count: {less_than: 3}, within: 7d}}")]
    [InlineData("{did: {event: x, count: {exactly: 0}}}")]
    [InlineData("{did: {event: x, count: {at_least: 0}}}")]
    [InlineData("{did: {event: x, sum: {of: a, at_most: 5}}}")]
    [InlineData("{not: {did: {event: x}}}")]
    [InlineData("{not: {in_cohort: b}}")]
    [InlineData("{any: [{did: {event: x}}, {not: {did: {event: y}}}]}")]
    [InlineData("{property: {name: plan, is_not: pro}}")]
    public void A_user_without_any_event_is_a_member_of(string where) => AssertWarnings(where, $"where: {ForNobody}");

    [Theory]
    [InlineData("{did: {event: x}}")]
    [InlineData("{did: {event: x, avg: {of: a, at_most: 5}}}")]
    [InlineData("{all: [{property: {name: plan, is: pro}}, {not: {did: {event: x}}}]}")]
    [InlineData("{in_cohort: b}")]
    [InlineData("{not: {not: {did: {event: x}}}}")]
    public void A_user_without_any_event_is_no_member_of(string where) => AssertWarnings(where);

    [Theory]
    // X and not X
    [InlineData("{property: {name: p, contains: a}}", "{not: {property: {name: p, contains: a}}}", true)]
    [InlineData("{in_cohort: b}", "{not: {in_cohort: b}}", true)]
    [InlineData("{in_cohort: b}", "{not: {in_cohort: c}}", false)]
    [InlineData("{all: [{in_cohort: b}]}", "{not: {any: [{did: {event: x}}, {in_cohort: b}]}}", true)]
    [InlineData("{in_cohort: b}", "{not: {all: [{did: {event: x}}, {in_cohort: b}]}}", false)]
    [InlineData("{in_cohort: b}", "{any: [{did: {event: x}}, {not: {in_cohort: b}}]}", false)]
    // bounds of one measure that no value meets
    [InlineData("{did: {event: x, count: {at_least: 3}}}", "{did: {event: x, count: {at_most: 2}}}", true)]
    [InlineData("{did: {event: x, count: {at_least: 3}}}", "{did: {event: x, count: {at_most: 3}}}", false)]
    [InlineData("{did: {event: x, count: {more_than: 2}}}", "{did: {event: x, count: {less_than: 3}}}", true)]
    [InlineData("{did: {event: x, count: {exactly: 2}}}", "{did: {event: x, count: {exactly: 3}}}", true)]
    [InlineData("{did: {event: x, count: {between: [2, 4]}}}", "{did: {event: x, count: {between: [4, 5]}}}", false)]
    [InlineData("{did: {event: x, count: {at_least: 3}}}", "{did: {event: y, count: {at_most: 2}}}", false)]
    [InlineData("{did: {event: x, avg: {of: a, more_than: 2}}}", "{did: {event: x, avg: {of: a, at_most: 2}}}", true)]
    [InlineData("{did: {event: x, avg: {of: a, more_than: 2}}}", "{did: {event: x, avg: {of: a, less_than: 2.000000001}}}", false)]
    [InlineData("{did: {event: x, avg: {of: a, more_than: 2}}}", "{did: {event: x, avg: {of: b, at_most: 2}}}", false)]
    [InlineData("{did: {event: x, sum: {of: a, at_least: 2}}}", "{did: {event: x, min: {of: a, less_than: 1}}}", false)]
    // also by negation
    [InlineData("{did: {event: x, count: {at_least: 3}}}", "{not: {did: {event: x, count: {at_least: 2}}}}", true)]
    [InlineData("{did: {event: x, count: {at_least: 3}}}", "{not: {did: {event: x, count: {more_than: 3}}}}", false)]
    [InlineData("{did: {event: x, count: {exactly: 2}}}", "{not: {did: {event: x, count: {at_most: 2}}}}", true)]
    [InlineData("{not: {did: {event: x, count: {exactly: 0}}}}", "{did: {event: x, count: {less_than: 1}}}", true)]
    [InlineData("{did: {event: x, count: {exactly: 2}}}", "{not: {did: {event: x, count: {between: [1, 3]}}}}", false)]
    [InlineData("{did: {event: x, max: {of: a, less_than: 2}}}", "{not: {did: {event: x, max: {of: a, less_than: 3}}}}", false)]
    // more in the narrower range, by the narrower filter, of fewer types
    [InlineData("{did: {event: x, within: 7d}}", "{not: {did: {event: x, within: 30d}}}", true)]
    [InlineData("{did: {event: x, within: 30d}}", "{not: {did: {event: x, within: 7d}}}", false)]
    [InlineData("{did: {event: x, calendar: {days: 2}}}", "{not: {did: {event: x}}}", true)]
    [InlineData("{did: {event: x, calendar: {days: 2}}}", "{not: {did: {event: x, within: 30d}}}", false)]
    [InlineData("{did: {event: x, where: {a: 1}}}", "{not: {did: {event: [x, y]}}}", true)]
    [InlineData("{did: {event: [x, y]}}", "{not: {did: {event: x}}}", false)]
    [InlineData("{did: {event: x}}", "{not: {did: {event: x, where: {a: 1}}}}", false)]
    [InlineData("{did: {event: x, days: {at_least: 3}}}", "{did: {event: '*', days: {at_most: 2}}}", true)]
    [InlineData("{did: {event: x, within: 7d, sum: {of: a, at_least: 3}}}", "{did: {event: x, sum: {of: a, at_most: 2}}}", false)]
    // a property with a value and without
    [InlineData("{property: {name: p, at_least: 5}}", "{property: {name: p, exists: false}}", true)]
    [InlineData("{property: {name: p, is_not: 5}}", "{property: {name: p, exists: false}}", false)]
    [InlineData("{property: {name: p, is: a}}", "{property: {name: p, not_in: [a, b]}}", true)]
    [InlineData("{property: {name: p, in: [a, c]}}", "{property: {name: p, not_in: [a, b]}}", false)]
    [InlineData("{property: {name: p, is: A}}", "{property: {name: p, is_not: a, ignore_case: true}}", true)]
    [InlineData("{property: {name: p, is: A, ignore_case: true}}", "{property: {name: p, is_not: A}}", false)]
    [InlineData("{property: {name: p, contains: abc}}", "{property: {name: p, not_contains: b}}", true)]
    [InlineData("{property: {name: p, contains: b}}", "{property: {name: p, not_contains: abc}}", false)]
    public void Two_clauses_can_never_hold_together(string first, string second, bool isWarned) =>
        Assert.Equal(isWarned, Warnings($"{{all: [{{in_cohort: a}}, {first}, {second}]}}").Any(warning => warning.Contains("can never hold together", StringComparison.Ordinal)));

    [Theory]
    [InlineData("{property: {name: p, is: a}}", "{property: {name: p, is: b}}", true)]
    [InlineData("{property: {name: p, is: a}}", "{property: {name: q, is: b}}", false)]
    [InlineData("{property: {name: p, is: a}}", "{property: {name: p, in: [b, A], ignore_case: true}}", false)]
    [InlineData("{property: {name: p, is: 5}}", "{property: {name: p, is: '5.0'}}", false)]
    [InlineData("{property: {name: p, in: [a, 7]}}", "{property: {name: p, less_than: 7}}", true)]
    [InlineData("{property: {name: p, in: [a, 7]}}", "{property: {name: p, at_most: 7}}", false)]
    [InlineData("{property: {name: p, more_than: 5}}", "{property: {name: p, at_most: 5}}", true)]
    [InlineData("{property: {name: p, at_least: 5}}", "{property: {name: p, between: [1, 5]}}", false)]
    public void Two_clauses_can_hold_together_only_where_a_property_is_a_list(string first, string second, bool isWarned) =>
        AssertWarnings($"{{all: [{{in_cohort: a}}, {first}, {second}]}}", isWarned ? ["where.all[2]: this and where.all[1] can hold together only where `p` is a list"] : []);

    [Fact]
    public void Operators_of_one_test_are_looked_at_in_clauses_and_in_filters()
    {
        AssertWarnings("{property: {name: p, at_least: 5, less_than: 2}}", "where: its operators can hold together only where `p` is a list");
        AssertWarnings("{property: {name: p, is: a, exists: false}}", "where: its operators can never hold together");
        AssertWarnings("{did: {event: x, where: {p: a, all: [{p: b}]}}}", "where.did.where.all[0].p: this and where.did.where.p can hold together only where `p` is a list");
        AssertWarnings("{did: {event: x, where: {any: [{p: a}, {p: b}]}}}");
        AssertWarnings("{did: {event: x, where: {not: {cart.p: {at_least: 5, less_than: 2}}}}}", "where.did.where.not.cart.p: its operators can hold together only where `cart.p` is a list");
        AssertWarnings(
            "{sequence: {steps: [{event: x}, {event: y, where: {p: {has: {q: {is: 1, exists: false}}}}}, {not: {event: z, where: {r: {is: 1, is_not: 1}}}, within: 1d}]}}",
            "where.sequence.steps[1].where.p.has.q: its operators can never hold together",
            "where.sequence.steps[2].not.where.r: its operators can never hold together");
    }

    [Theory]
    [InlineData("tags", true)]
    [InlineData("cart.categories", true)]
    [InlineData("/products", true)]
    [InlineData("user_ids", true)]
    [InlineData("wishlist", true)]
    [InlineData("address", false)]
    [InlineData("status", false)]
    [InlineData("analysis", false)]
    [InlineData("products.name", false)]
    [InlineData("url", false)]
    public void Contains_on_what_looks_like_a_list(string path, bool isWarned)
    {
        AssertWarnings(
            $"{{did: {{event: x, where: {{{path}: {{contains: vip}}}}}}}}",
            isWarned ? [$"where.did.where.{path}: `contains` on `{path}`, which looks like a list, is about text inside its elements; whether \"vip\" is one of them, `is` says"] : []);
        Assert.Equal(isWarned, Warnings($"{{all: [{{did: {{event: x}}}}, {{property: {{name: {path}, not_contains: vip}}}}]}}").Length == 1);
        Assert.Equal(isWarned, Warnings($"{{property: {{name: {path}, ever_was: {{contains: vip}}}}}}").Length == 1);
        Assert.Equal(isWarned, Warnings($"{{property: {{name: car, has: {{{path}: {{contains: vip}}}}}}}}").Length == 1);
    }

    [Fact]
    public void Warnings_come_with_their_places_in_the_order_of_these()
    {
        const string Text = """
            id: first
            where: { did: { event: x } }
            ---
            id: second
            where:
              all:
                - not: { did: { event: y, within: 1d } }
                - did: { event: y, where: { tags: { contains: a } }, within: 1h }
            ---
            id: third
            where: { not: { did: { event: x } } }
            """;
        Assert.Equal(
            [
                "f.yaml:8:7: warning: where.all[1]: this and where.all[0].not can never hold together",
                "f.yaml:8:39: warning: where.all[1].did.where.tags: `contains` on `tags`, which looks like a list, is about text inside its elements; whether \"a\" is one of them, `is` says",
                $"f.yaml:11:8: warning: where: {ForNobody}",
            ],
            DefinitionLint.Check(Text, "f.yaml").Select(warning => warning.ToString()));
        Assert.Equal(["second", "second", "third"], DefinitionLint.Check(Text, "f.yaml").Select(warning => warning.CohortId));
    }

    [Fact]
    public void Json_has_places_too() => Assert.Equal(
        [$"f.json:1:48: warning: where: {ForNobody}"],
        DefinitionLint.Check("""[{"id":"a","where":{"in_cohort":"b"}},{"where":{"not":{"in_cohort":"b"}},"id":"c"}]""", "f.json").Select(warning => warning.ToString()));

    [Fact]
    public void A_file_with_errors_has_no_warnings() => Assert.Empty(DefinitionLint.Check("id: a\nwhere: { not: { did: { evnt: x } } }", "f.yaml"));

    private static void AssertWarnings(string where, params string[] warnings) => Assert.Equal(warnings, Warnings(where));

    private static string[] Warnings(string where)
    {
        var text = $"id: a\nwhere: {where}";
        Assert.Empty(DefinitionParser.Parse(text, "f.yaml").Errors);
        return [.. DefinitionLint.Check(text, "f.yaml").Select(warning => $"{warning.Path}: {warning.Text}")];
    }
}
