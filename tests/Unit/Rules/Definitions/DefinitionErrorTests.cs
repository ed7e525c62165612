using System.Globalization;
using System.Text;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>What is refused, and in which words: cohorts.md §1 to §3.</summary>
public sealed class DefinitionErrorTests
{
    [Theory]
    [InlineData("", "f.yaml:1:1: found no definition, expected a definition: an object with `id` and `where`")]
    [InlineData("[]", "f.yaml:1:1: found an empty list, expected at least one definition")]
    [InlineData("hello", "f.yaml:1:1: found the text \"hello\", expected a definition: an object with `id` and `where`")]
    [InlineData("{id: a, where: {did: {event: x}}", "f.yaml:2:1: found what is no YAML")]
    [InlineData("id: a\nid: b", "f.yaml:2:1: found `id` a second time, expected each name once in an object")]
    [InlineData("id: a", "f.yaml:1:1: found no `where`, expected a clause")]
    [InlineData("where: {did: {event: x}}", "f.yaml:1:1: found no `id`, expected an id of 1 to 64 characters: [a-z0-9][a-z0-9_-]*")]
    [InlineData("id: High\nwhere: {did: {event: x}}", "f.yaml:1:5: id: found the text \"High\", expected an id of 1 to 64 characters: [a-z0-9][a-z0-9_-]*")]
    [InlineData("id: 5\nwhere: {did: {event: x}}", "f.yaml:1:5: id: found the number 5, expected an id of 1 to 64 characters: [a-z0-9][a-z0-9_-]*")]
    [InlineData("id: _a\nwhere: {did: {event: x}}", "f.yaml:1:5: id: found the text \"_a\", expected an id")]
    [InlineData("id: a\nwhere: {did: {event: x}}\nnmae: b", "f.yaml:3:1: found `nmae`, expected one of `id`, `name`, `description`, `time_zone`, `export_properties`, `labels`, `where`; did you mean `name`?")]
    [InlineData("id: a\nname: [x]\nwhere: {did: {event: x}}", "f.yaml:2:7: name: found a list, expected a text of 1 to 200 characters")]
    [InlineData("id: a\ntime_zone: Europe/Berln\nwhere: {did: {event: x}}", "f.yaml:2:12: time_zone: found the text \"Europe/Berln\", expected the IANA name of a time zone, such as Europe/Berlin; did you mean `Europe/Berlin`?")]
    [InlineData("id: a\nexport_properties: ['*', x]\nwhere: {did: {event: x}}", "f.yaml:2:20: export_properties: found \"*\" beside other names, expected a list of property names, or [\"*\"] for all")]
    [InlineData("id: a\nlabels: {x: 1}\nwhere: {did: {event: x}}", "f.yaml:2:13: labels.x: found the number 1, expected a text")]
    [InlineData("id: a\nwhere: {did: {event: x}}\n---\nid: a\nwhere: {did: {event: x}}", "f.yaml:4:5: id: found `a` a second time (first in line 1), expected each id once in a file")]
    public void A_file_is_refused_with_its_place(string text, string error) => AssertErrors(text, error);

    [Theory]
    [InlineData("{}", "1:1", "where: found an empty object, expected a clause: an object with exactly one key, one of `all`, `any`, `not`, `did`, `sequence`, `property`, `in_cohort`")]
    [InlineData("{did: {event: x}, not: {did: {event: x}}}", "1:1", "where: found an object with 2 keys, expected a clause: an object with exactly one key, one of `all`, `any`, `not`, `did`, `sequence`, `property`, `in_cohort`")]
    [InlineData("{dit: {event: x}}", "1:2", "where: found `dit`, expected one of `all`, `any`, `not`, `did`, `sequence`, `property`, `in_cohort`; did you mean `did`?")]
    [InlineData("{sequence: {steps: []}}", "1:20", "where.sequence.steps: found an empty list, expected a list of 2 to 8 steps")]
    [InlineData("{in_cohort: B}", "1:13", "where.in_cohort: found the text \"B\", expected an id of 1 to 64 characters")]
    [InlineData("{all: []}", "1:7", "where.all: found an empty list, expected a list of at least one clause")]
    [InlineData("{any: {did: {event: x}}}", "1:7", "where.any: found an object, expected a list of at least one clause")]
    [InlineData("{all: [{did: {event: x}}, 5]}", "1:27", "where.all[1]: found the number 5, expected a clause: an object with exactly one key, one of `all`, `any`, `not`, `did`, `sequence`, `property`, `in_cohort`")]
    [InlineData("{did: {count: {at_least: 1}}}", "1:7", "where.did: found no `event`, expected an event type, a list of event types, or \"*\"")]
    [InlineData("{did: {event: 5}}", "1:15", "where.did.event: found the number 5, expected an event type, a list of 1 to 32 event types, or \"*\"")]
    [InlineData("{did: {event: [x, '*']}}", "1:19", "where.did.event[1]: found \"*\" in a list, expected event types; \"*\" stands alone")]
    [InlineData("{did: {event: ''}}", "1:15", "where.did.event: found the text \"\", expected an event type of 1 to 1024 bytes")]
    [InlineData("{did: {event: x, since: 2026-13-01}}", "1:25", "where.did.since: found the text \"2026-13-01\", expected an instant: RFC 3339 with an offset")]
    [InlineData("{did: {event: x, days: {at_least: 2}, count: {at_least: 2}}}", "1:39", "where.did: found `count` beside `days`, expected one measure")]
    [InlineData("{did: {event: x, wihtin: 7d}}", "1:18", "where.did: found `wihtin`, expected one of `event`, `where`, `within`, `since`, `between`, `calendar`, `count`, `days`, `distinct`, `sum`, `avg`, `min`, `max`, `nth`; did you mean `within`?")]
    [InlineData("{did: {event: x, within: 7}}", "1:26", "where.did.within: found the number 7, expected a duration from 1s to 400d such as 90s, 30m, 12h, 7d, 2w or 1d12h (largest unit first)")]
    [InlineData("{did: {event: x, within: 12h1d}}", "1:26", "where.did.within: found the text \"12h1d\", expected a duration")]
    [InlineData("{did: {event: x, within: 401d}}", "1:26", "where.did.within: found the text \"401d\", expected a duration from 1s to 400d")]
    [InlineData("{did: {event: x, within: 0s}}", "1:26", "where.did.within: found the text \"0s\", expected a duration from 1s to 400d")]
    [InlineData("{did: {event: x, count: 3}}", "1:25", "where.did.count: found the number 3, expected an object: a bound: exactly one of `at_least`, `at_most`, `more_than`, `less_than`, `exactly`, `between`")]
    [InlineData("{did: {event: x, count: {at_least: 3, at_most: 4}}}", "1:25", "where.did.count: found 2 operators, expected a bound: exactly one of")]
    [InlineData("{did: {event: x, count: {atleast: 3}}}", "1:26", "where.did.count: found `atleast`, expected one of `at_least`, `at_most`, `more_than`, `less_than`, `exactly`, `between`; did you mean `at_least`?")]
    [InlineData("{did: {event: x, count: {at_least: -1}}}", "1:36", "where.did.count.at_least: found the number -1, expected a whole number from 0 to 10000")]
    [InlineData("{did: {event: x, count: {at_least: 1.5}}}", "1:36", "where.did.count.at_least: found the number 1.5, expected a whole number from 0 to 10000")]
    [InlineData("{did: {event: x, count: {at_least: 10001}}}", "1:36", "where.did.count.at_least: found the number 10001, expected a whole number from 0 to 10000")]
    [InlineData("{did: {event: x, count: {between: [3, 2]}}}", "1:35", "where.did.count.between: found a list whose first number is the higher one, expected the lower number first")]
    [InlineData("{did: {event: x, count: {between: [3]}}}", "1:35", "where.did.count.between: found a list of 1, expected a list of two numbers, [lowest, highest]")]
    [InlineData("{did: {event: x, where: [a]}}", "1:25", "where.did.where: found a list, expected a filter: an object of paths with their tests, or `all`, `any`, `not` over filters")]
    [InlineData("{did: {event: x, where: {c: {like: x}}}}", "1:30", "where.did.where.c: found `like`, expected one of `is`, `is_not`, `in`, `not_in`, `contains`")]
    [InlineData("{did: {event: x, where: {c: {contains: 5}}}}", "1:40", "where.did.where.c.contains: found the number 5, expected a text (a number in quotes)")]
    [InlineData("{did: {event: x, where: {c: {starts_with: [a]}}}}", "1:43", "where.did.where.c.starts_with: found a list, expected a text (a number in quotes)")]
    [InlineData("{did: {event: x, where: {c: {is: a, ignore_case: 1}}}}", "1:50", "where.did.where.c.ignore_case: found the number 1, expected true or false")]
    [InlineData("{did: {event: x, where: {c: {ignore_case: true}}}}", "1:30", "where.did.where.c: found `ignore_case` without an operator on texts, expected it beside one of `is`, `is_not`, `in`, `not_in`, `contains`, `not_contains`, `starts_with`, `ends_with`, `matches`")]
    [InlineData("{did: {event: x, where: {c: {at_least: 5, ignore_case: false}}}}", "1:43", "where.did.where.c: found `ignore_case` without an operator on texts, expected it beside one of `is`")]
    [InlineData("{did: {event: x, where: {c: {has: a}}}}", "1:35", "where.did.where.c.has: found the text \"a\", expected a filter")]
    [InlineData("{did: {event: x, where: {c: {has: {$a: 1}}}}}", "1:36", "where.did.where.c.has: found the path `$a` into an event's context, expected a path inside the object (for a name that starts with `$`, a JSON Pointer: `/$name`)")]
    [InlineData("{did: {event: x, where: {c: {has: {a: {like: 1}}}}}}", "1:40", "where.did.where.c.has.a: found `like`, expected one of `is`")]
    [InlineData("{did: {event: x, where: {c: {in: []}}}}", "1:34", "where.did.where.c.in: found an empty list, expected a list of 1 to 1000 texts, numbers or booleans")]
    [InlineData("{did: {event: x, where: {c: {start_with: a}}}}", "1:30", "where.did.where.c: found `start_with`, expected one of `is`, `is_not`, `in`, `not_in`, `contains`, `not_contains`, `starts_with`, `ends_with`, `matches`, `ignore_case`, `less_than`, `at_most`, `more_than`, `at_least`, `between`, `has`, `exists`; did you mean `starts_with`?")]
    [InlineData("{property: {name: plan, ignore_case: true}}", "1:25", "where.property: found `ignore_case` without an operator on texts")]
    [InlineData("{did: {event: x, where: {c: {is: null}}}}", "1:34", "where.did.where.c.is: found null, expected a text, a number or a boolean (for a value that is missing, `exists: false`)")]
    [InlineData("{did: {event: x, where: {c: }}}", "1:29", "where.did.where.c: found null, expected a text, a number or a boolean (for a value that is missing, `exists: false`)")]
    [InlineData("{did: {event: x, where: {c: []}}}", "1:29", "where.did.where.c: found an empty list, expected a list of 1 to 1000 texts, numbers or booleans")]
    [InlineData("{did: {event: x, where: {c: {in: [[1]]}}}}", "1:35", "where.did.where.c.in[0]: found a list, expected a text, a number or a boolean")]
    [InlineData("{did: {event: x, where: {c: {}}}}", "1:29", "where.did.where.c: found no operator, expected one of")]
    [InlineData("{did: {event: x, where: {c: {at_least: many}}}}", "1:40", "where.did.where.c.at_least: found the text \"many\", expected a number within ±79228162514264337593543950335")]
    [InlineData("{did: {event: x, where: {c: {between: [2, 1]}}}}", "1:39", "where.did.where.c.between: found [2, 1], expected the lower number first")]
    [InlineData("{did: {event: x, where: {c: {exists: yes}}}}", "1:38", "where.did.where.c.exists: found the text \"yes\", expected true or false")]
    [InlineData("{did: {event: x, where: {any: []}}}", "1:31", "where.did.where.any: found an empty list, expected a list of at least one filter")]
    [InlineData("{did: {event: x, where: {'': 1}}}", "1:26", "where.did.where: found an empty path, expected the path of a property")]
    [InlineData("{did: {event: x, where: {/a~2: 1}}}", "1:26", "where.did.where: found `/a~2`, expected a JSON Pointer, in which ~ is written ~0 and / is written ~1")]
    [InlineData("{property: {is: pro}}", "1:12", "where.property: found no `name`, expected the path of a profile property")]
    [InlineData("{property: {name: plan}}", "1:12", "where.property: found no operator, expected one of `is`")]
    [InlineData("{property: {name: $platform, is: ios}}", "1:19", "where.property.name: found the path `$platform` into an event's context, expected a path of profile properties (for a name that starts with `$`, a JSON Pointer: `/$name`)")]
    [InlineData("{property: {name: plan, ever_was: {in_last: 7d}}}", "1:36", "where.property.ever_was: found `in_last`, expected one of `is`")]
    [InlineData("{property: {name: plan, in_last: 7}}", "1:34", "where.property.in_last: found the number 7, expected a duration from 1s to 400d")]
    public void A_clause_is_refused_with_its_place(string where, string place, string error)
    {
        var column = int.Parse(place.Split(':')[1], CultureInfo.InvariantCulture) + "where: ".Length;
        AssertErrors($"where: {where}\nid: a", $"f.yaml:1:{column}: {error}");
    }

    [Fact]
    public void All_errors_of_a_file_are_reported_at_once_in_the_order_of_their_places()
    {
        const string Text = """
            id: A
            where:
              all:
                - did: { event: 5, within: 7, count: { at_leest: 1 } }
                - nott: {}
            ---
            id: good
            where: { did: { event: x } }
            ---
            where: { property: { name: $x } }
            """;
        var result = DefinitionParser.Parse(Text, "f.yaml");
        Assert.Equal(
            ["1:5", "4:21", "4:32", "4:44", "5:7", "10:1", "10:20", "10:28"],
            result.Errors.Select(error => $"{error.Line}:{error.Column}"));
        Assert.Empty(result.Definitions);
    }

    [Fact]
    public void Places_in_JSON_count_lines_and_characters() => AssertErrors(
        "[\n {\"id\":\"a\",\n  \"name\":\"ä😀\", \"where\":{\"did\":{\"evnt\":\"x\"}}}]",
        "f.yaml:3:32: [0].where.did: found no `event`, expected an event type, a list of event types, or \"*\"",
        "f.yaml:3:33: [0].where.did: found `evnt`, expected one of `event`, `where`, `within`, `since`, `between`, `calendar`, `count`, `days`, `distinct`, `sum`, `avg`, `min`, `max`, `nth`; did you mean `event`?");

    [Fact]
    public void A_definition_has_at_most_64_clauses()
    {
        var leaves = string.Concat(Enumerable.Repeat("  - did: {event: x}\n", 63));
        Assert.True(DefinitionParser.Parse($"id: a\nwhere:\n all:\n{leaves}", "f.yaml").IsAccepted);
        AssertErrors($"id: a\nwhere:\n all:\n{leaves}{leaves}", "f.yaml:67:5: where.all[63]: found one clause too many, expected at most 64 clauses in a definition");
    }

    [Fact]
    public void Clauses_are_nested_at_most_16_deep()
    {
        Assert.True(DefinitionParser.Parse(Nested(16), "f.yaml").IsAccepted);
        Assert.Contains("at most 16 deep", Assert.Single(DefinitionParser.Parse(Nested(17), "f.yaml").Errors).Expected, StringComparison.Ordinal);

        static string Nested(int depth)
        {
            var text = new StringBuilder("{id: a, where: ");
            for (var i = 1; i < depth; i++)
                text.Append("{not: ");
            return text.Append("{did: {event: x}}").Append('}', depth).ToString();
        }
    }

    [Theory]
    [InlineData("not")]
    [InlineData("has")]
    public void Filters_are_nested_at_most_16_deep(string by)
    {
        Assert.True(DefinitionParser.Parse(Nested(16), "f.yaml").IsAccepted);
        Assert.Equal("filters nested at most 16 deep", Assert.Single(DefinitionParser.Parse(Nested(17), "f.yaml").Errors).Expected);

        string Nested(int depth)
        {
            var (open, close) = by == "not" ? ("{not: ", "}") : ("{c: {has: ", "}}");
            return $"{{id: a, where: {{did: {{event: x, where: {string.Concat(Enumerable.Repeat(open, depth - 1))}{{c: 1}}{string.Concat(Enumerable.Repeat(close, depth - 1))}}}}}}}";
        }
    }

    [Fact]
    public void An_in_has_at_most_1000_values_and_a_behavior_at_most_32_events()
    {
        AssertErrors($"{{id: a, where: {{did: {{event: [{List(33)}]}}}}}}", "f.yaml:1:30: where.did.event: found a list of 33, expected");
        AssertErrors($"{{id: a, where: {{property: {{name: p, in: [{List(1001)}]}}}}}}", "f.yaml:1:41: where.property.in: found a list of 1001, expected a list of 1 to 1000");
        Assert.True(DefinitionParser.Parse($"{{id: a, where: {{did: {{event: [{List(32)}], where: {{p: [{List(1000)}]}}}}}}}}", "f.yaml").IsAccepted);

        static string List(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"e{i}"));
    }

    /// <summary>One error hides no other: neither those beside it nor those inside of what it is about.</summary>
    [Fact]
    public void All_errors_are_told_at_once()
    {
        AssertErrors(
            "id: a\nwhere: {did: {evnt: x}, not: {dit: 5}}",
            "f.yaml:2:8: where: found an object with 2 keys",
            "f.yaml:2:14: where.did: found no `event`",
            "f.yaml:2:15: where.did: found `evnt`",
            "f.yaml:2:31: where.not: found `dit`");
        AssertErrors(
            "id: a\nwhere: {did: {event: x, within: 7, since: y, count: {at_least: z, at_most: 3}}}",
            "f.yaml:2:33: where.did.within: found the number 7",
            "f.yaml:2:36: where.did: found `since` beside `within`",
            "f.yaml:2:43: where.did.since: found the text \"y\"",
            "f.yaml:2:53: where.did.count: found 2 operators",
            "f.yaml:2:64: where.did.count.at_least: found the text \"z\"");
        AssertErrors(
            $"id: a\nwhere: {{did: {{event: [{string.Join(", ", Enumerable.Repeat("x", 32))}, 5]}}}}",
            "f.yaml:2:22: where.did.event: found a list of 33",
            "f.yaml:2:119: where.did.event[32]: found the number 5");
    }

    [Fact]
    public void No_text_makes_the_parser_throw()
    {
        const string Letters = "{}[]:,-'\"\\&*!|>%@`#~? \n\t\u0000\uD800aeid0.";
        var state = 12345u;
        for (var round = 0; round < 3000; round++)
        {
            var text = new StringBuilder("id: a\nwhere: ");
            for (var i = 0; i < 20; i++)
            {
                state = (state * 1664525) + 1013904223;
                text.Append(Letters[(int)(state >> 16) % Letters.Length]);
            }

            var result = DefinitionParser.Parse(text.ToString(), "f.yaml");
            Assert.Equal(result.Errors.IsEmpty, result.Definitions.Length > 0);
        }
    }

    private static void AssertErrors(string text, params string[] errors)
    {
        var result = DefinitionParser.Parse(text, "f.yaml");
        Assert.Empty(result.Definitions);
        Assert.Equal(errors.Length, result.Errors.Length);
        for (var i = 0; i < errors.Length; i++)
            Assert.StartsWith(errors[i], result.Errors[i].ToString(), StringComparison.Ordinal);
    }
}
