using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Membership of other cohorts: cohorts.md §2.4 and §6.</summary>
public sealed class InCohortTests
{
    private const string Chain = """
        id: c
        where: { did: { event: x, within: 1h } }
        ---
        id: b
        where: { in_cohort: c }
        ---
        id: a
        where: { all: [ { in_cohort: b }, { not: { in_cohort: d } } ] }
        ---
        id: d
        where: { did: { event: y } }
        """;

    [Fact]
    public void Cohorts_flip_at_the_same_instant_and_are_told_in_the_order_of_their_ids() => Assert.Equal(
        [
            "enter a 10:00:00.000Z event", "enter b 10:00:00.000Z event", "enter c 10:00:00.000Z event",
            "exit a 10:30:00.000Z event", "enter d 10:30:00.000Z event",
            "exit b 11:00:00.000Z schedule", "exit c 11:00:00.000Z schedule",
        ],
        ScriptRuns.Deltas(Chain, s => s.Event("10:00", "x").Event("10:30", "y").Watermark("12:00")));

    [Fact]
    public void An_edit_of_one_cohort_moves_those_that_depend_on_it()
    {
        var script = new PartitionScript(Chain) { Restores = true }.Event("10:00", "x");
        _ = script.Deltas;
        script.Define("id: c\nwhere: { did: { event: z } }");
        Assert.Equal(["exit a 2026-03-01T10:00:00.000Z definition", "exit b 2026-03-01T10:00:00.000Z definition", "exit c 2026-03-01T10:00:00.000Z definition"], script.Deltas);
    }

    [Fact]
    public void Who_is_in_no_other_cohort_is_in_its_opposite_from_the_first_record_on() => Assert.Equal(
        ["enter a 10:00:00.000Z event", "exit a 10:01:00.000Z event", "enter b 10:01:00.000Z event"],
        ScriptRuns.Deltas(
            """
            id: a
            where: { not: { in_cohort: b } }
            ---
            id: b
            where: { did: { event: x } }
            """,
            s => s.Event("10:00", "y").Event("10:01", "x")));
}
