using CohortPipeline.Contracts;
using CohortPipeline.Rules.Explain;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Explain;

/// <summary>Explain: cohorts.md §9.</summary>
public sealed class ExplainerTests
{
    private const string HighIntent = """
        id: high-intent
        where:
          all:
            - did: { event: view, count: { at_least: 3 }, within: 7d }
            - not: { did: { event: order, within: 7d } }
            - property: { name: plan, is: pro }
        ---
        id: others
        where: { not: { in_cohort: high-intent } }
        ---
        id: spenders
        where: { any: [ { did: { event: order, sum: { of: price, at_least: 10 } } }, { property: { name: plan, ever_was: { is: trial } } }, { property: { name: until, in_next: 1d } } ] }
        """;

    [Fact]
    public void Says_of_each_clause_what_was_found_what_was_required_and_when_it_flips()
    {
        var script = new PartitionScript(HighIntent).Event("10:00", "view").Event("10:05", "view").Event("10:10", "view").Identify("10:15", """{"$set":{"plan":"pro"}}""");
        var explanation = Explain(script, "high-intent", "11:00");
        Assert.True(explanation.Holds);
        Assert.Equal(
            [
                "PASS all, flips 2026-03-08T10:00:00.000Z",
                """PASS {"did":{"event":"view","within":"7d","count":{"at_least":3}}}: at least 3 of at least 3, flips 2026-03-08T10:00:00.000Z""",
                "PASS not",
                """FAIL {"did":{"event":"order","within":"7d","count":{"at_least":1}}}: 0 of at least 1""",
                """PASS {"property":{"name":"plan","is":"pro"}}: "pro" of {"is":"pro"}""",
            ],
            Lines(explanation.Where));
        Assert.Equal(PartitionScript.Instant("2026-03-08T10:00:00Z"), explanation.NextFlip);
        Assert.Equal(PartitionScript.Instant("10:15"), explanation.Membership?.EnteredAt);
    }

    [Fact]
    public void Sees_what_time_alone_has_changed_by_then_and_leaves_the_profile_alone()
    {
        var script = new PartitionScript(HighIntent).Event("10:00", "view").Event("10:05", "view").Event("10:10", "view").Identify("10:15", """{"$set":{"plan":"pro"}}""");
        var stored = script.Stored;
        var explanation = Explain(script, "high-intent", "2026-03-08T10:00:00Z");
        Assert.False(explanation.Holds);
        Assert.Equal("2", explanation.Where.Parts[0].Actual);
        Assert.Null(explanation.NextFlip);
        Assert.Null(explanation.Membership);
        Assert.Equal(stored, script.Stored);
    }

    [Fact]
    public void Explains_every_kind_of_leaf()
    {
        var script = new PartitionScript(HighIntent).Event("10:00", "order", """{"price":2.5}""").Identify("10:01", """{"$set":{"plan":"trial","until":"2026-03-05"}}""").Identify("10:02", """{"$set":{"plan":"free"}}""");
        Assert.Equal(
            [
                "PASS any",
                """FAIL {"did":{"event":"order","sum":{"of":"price","at_least":10}}}: 2.5 of at least 10""",
                """PASS {"property":{"name":"plan","ever_was":{"is":"trial"}}}: since 2026-03-01T10:01:00.000Z of ever""",
                """FAIL {"property":{"name":"until","in_next":"1d"}}: "2026-03-05" of {"in_next":"1d"}, flips 2026-03-04T00:00:00.000Z""",
            ],
            Lines(Explain(script, "spenders", "11:00").Where));
        Assert.Equal(
            ["PASS not", """FAIL {"in_cohort":"high-intent"}: not a member of a member of high-intent"""],
            Lines(Explain(script, "others", "11:00").Where));
    }

    /// <summary>§2.5: whatever the clauses say of a profile without anything in it.</summary>
    [Fact]
    public void Who_has_no_record_is_in_no_cohort()
    {
        var explanation = Explainer.Explain(new PartitionScript(HighIntent).Plan, "u:nobody"u8, [], "others", 0)!;
        Assert.True(explanation.Where.Holds);
        Assert.False(explanation.Exists);
        Assert.False(explanation.Holds);
    }

    [Fact]
    public void Says_of_every_kind_of_behavior_that_events_were_dropped()
    {
        var script = new PartitionScript(
            """
            id: lost
            where:
              any:
                - sequence: { steps: [ { event: view }, { event: order } ] }
                - did: { event: view, sum: { of: price, at_least: 100 }, within: 7d }
            """);
        script.Event("10:00", "view", """{"price":1}""").Event("10:00:01", "order");
        for (var i = 0; i < 1_001; i++)
            script.Event($"10:{i / 60:00}:{i % 60:00}", "view", """{"price":0}""");
        var lines = Lines(Explain(script, "lost", "11:00").Where).Skip(1).ToList();
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Contains("approximate: older events were dropped", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_cohort_that_is_not_live_has_no_explanation() =>
        Assert.Null(Explainer.Explain(new PartitionScript(HighIntent).Plan, "u:ada"u8, [], "gone", 0));

    private static Explanation Explain(PartitionScript script, string cohort, string at) =>
        Explainer.Explain(script.Plan, "u:ada"u8, script.Stored, cohort, PartitionScript.Instant(at))!;

    private static IEnumerable<string> Lines(ExplainedClause clause)
    {
        var found = clause.Actual.Length == 0 ? "" : $": {clause.Actual} of {clause.Required}";
        var flips = clause.NextFlip is { } instant ? $", flips {Instant.ToRfc3339(instant)}" : "";
        return [$"{(clause.Holds ? "PASS" : "FAIL")} {clause.Clause}{found}{flips}", .. clause.Parts.SelectMany(Lines)];
    }
}
