using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Sequences: cohorts.md §2.2, one test a sentence.</summary>
public sealed class SequenceTests
{
    [Fact]
    public void Completes_at_the_last_step_in_order() => Assert.Equal(
        ["enter a 10:02:00.000Z event"],
        Deltas("steps: [{ event: x }, { event: y }]", s => s.Event("10:00", "y").Event("10:01", "x").Event("10:02", "y")));

    [Fact]
    public void A_step_must_come_less_than_its_within_after_the_one_before() => Assert.Equal(
        ["enter a 12:29:59.999Z event"],
        Deltas("steps: [{ event: x }, { event: y, within: 30m }]", s => s
            .Event("10:00", "x").Event("10:30", "y").Event("12:00", "x").Event("12:29:59.999", "y")));

    [Fact]
    public void Span_bounds_the_first_to_the_last_step_and_a_later_beginning_may_save_it() => Assert.Equal(
        ["enter a 10:59:00.000Z event"],
        Deltas("steps: [{ event: x }, { event: y }, { event: z }], span: 1h", s => s
            .Event("09:00", "x").Event("09:30", "y").Event("10:00", "z").Event("10:05", "x").Event("10:10", "y").Event("10:59", "z")));

    [Fact]
    public void Events_of_one_time_stand_in_either_order_but_each_for_one_step()
    {
        Assert.Equal(["enter a 10:00:00.000Z event"], Deltas("steps: [{ event: x }, { event: y }]", s => s.Event("10:00", "y").Event("10:00", "x")));
        Assert.Empty(Deltas("steps: [{ event: x }, { event: x }]", s => s.Event("10:00", "x")));
        Assert.Equal(["enter a 10:00:00.000Z event"], Deltas("steps: [{ event: x }, { event: x }]", s => s.Event("10:00", "x").Event("10:00", "x")));
        Assert.Equal(
            ["enter a 10:00:00.000Z event"],
            Deltas("steps: [{ event: [x, y] }, { event: y }, { event: [x, z] }]", s => s.Event("10:00", "x").Event("10:00", "y").Event("10:00", "z")));
    }

    [Fact]
    public void A_last_not_completes_when_its_time_is_over_and_nothing_came() => Assert.Equal(
        ["enter a 12:00:00.000Z schedule"],
        Deltas("steps: [{ event: x }, { not: { event: y }, within: 2h }]", s => s.Event("10:00", "x").Event("12:00:00.001", "y").Watermark("13:00")));

    [Fact]
    public void A_last_not_is_kept_from_completing_by_an_event_in_time_even_a_late_one() => Assert.Equal(
        ["enter a 12:00:00.000Z schedule", "exit a 12:30:00.000Z event"],
        Deltas("steps: [{ event: w }, { event: x }, { not: { event: y }, within: 2h }]", s => s
            .Event("09:00", "w").Event("10:00", "x").Watermark("12:10").Event("12:30", "y", time: "11:59:59.999")));

    [Fact]
    public void An_event_of_the_run_itself_does_not_keep_it_from_completing() => Assert.Equal(
        ["enter a 11:00:00.000Z schedule"],
        Deltas("steps: [{ event: w }, { event: x }, { not: { event: [x] }, within: 1h }]", s => s.Event("09:00", "w").Event("10:00", "x").Watermark("12:00")));

    [Fact]
    public void Another_event_of_the_same_time_keeps_it_unless_the_run_uses_it_too()
    {
        Assert.Empty(Deltas("steps: [{ event: w }, { event: x }, { not: { event: x }, within: 1h }]", s => s
            .Event("09:00", "w").Event("10:00", "x").Event("10:00", "x").Watermark("12:00")));
        Assert.Equal(
            ["enter a 11:00:00.000Z schedule"],
            Deltas("steps: [{ event: x }, { event: x }, { not: { event: x }, within: 1h }]", s => s.Event("10:00", "x").Event("10:00", "x").Watermark("12:00")));
    }

    [Fact]
    public void The_range_bounds_the_completion_alone() => Assert.Equal(
        ["enter a 12:00:00.000Z event", "exit a 13:00:00.000Z schedule"],
        Deltas("steps: [{ event: x }, { event: y }], within: 1h", s => s.Event("2026-01-01T00:00:00Z", "x").Event("12:00", "y").Watermark("15:00")));

    /// <summary>No run of a fixed range can use what comes after its end; remembered, it would push out what runs do use.</summary>
    [Fact]
    public void Events_behind_a_fixed_range_push_nothing_out_of_it() => Assert.Equal(
        ["enter a 10:00:01.000Z event"],
        Deltas("steps: [{ event: x }, { event: y }], between: [2026-03-01T10:00:00Z, 2026-03-01T11:00:00Z]", s =>
        {
            s.Event("10:00", "x").Event("10:00:01", "y");
            for (var i = 0; i < 1_100; i++)
                s.Event($"11:{i / 60:00}:{i % 60:00}", "x");
        }));

    [Fact]
    public void A_completion_by_time_and_its_leaving_are_both_told() => Assert.Equal(
        ["enter a 11:00:00.000Z schedule", "exit a 11:30:00.000Z schedule"],
        Deltas("steps: [{ event: w }, { event: x }, { not: { event: y }, within: 1h }], within: 30m", s => s.Event("09:00", "w").Event("10:00", "x").Watermark("15:00")));

    [Fact]
    public void A_duplicate_of_any_step_changes_nothing() => Assert.Empty(
        Deltas("steps: [{ event: x }, { event: x }]", s => s.Event("10:00", "x", insertId: "1").Event("10:01", "x", insertId: "1")));

    private static string[] Deltas(string sequence, Action<PartitionScript> script) => ScriptRuns.Deltas(
        $$"""
        id: a
        where: { sequence: { {{sequence}} } }
        """,
        script);
}
