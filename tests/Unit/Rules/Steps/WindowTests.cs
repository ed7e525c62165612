using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Rolling ranges and the clock: cohorts.md §2.1 and §4.</summary>
public sealed class WindowTests
{
    private const string TwoViewsInAnHour = """
        id: keen
        where: { did: { event: view, count: { at_least: 2 }, within: 1h } }
        """;

    [Fact]
    public void Enters_at_the_event_that_reaches_the_bound() => Assert.Equal(
        ["enter keen 2026-03-01T10:05:00.000Z event"],
        new PartitionScript(TwoViewsInAnHour).Event("10:00", "view").Event("10:05", "view").Deltas);

    [Fact]
    public void Exits_exactly_when_the_window_slides_past_the_event() => Assert.Equal(
        ["enter keen 2026-03-01T10:05:00.000Z event", "exit keen 2026-03-01T11:00:00.000Z schedule"],
        new PartitionScript(TwoViewsInAnHour).Event("10:00", "view").Event("10:05", "view").Watermark("12:00").Deltas);

    [Fact]
    public void A_timer_due_at_the_watermark_waits_until_the_watermark_passes_it()
    {
        var script = new PartitionScript(TwoViewsInAnHour).Event("10:00", "view").Event("10:05", "view");
        _ = script.Deltas;
        Assert.Empty(script.Watermark("11:00").Deltas);
        Assert.Equal(["exit keen 2026-03-01T11:00:00.000Z schedule"], script.Watermark("11:00:00.001").Deltas);
    }

    [Fact]
    public void Who_does_something_every_hour_never_leaves_a_window_of_one_hour()
    {
        var script = new PartitionScript("""
            id: hourly
            where: { did: { event: view, within: 1h } }
            """);
        for (var hour = 10; hour < 20; hour++)
            script.Watermark($"{hour}:00").Event($"{hour}:00", "view");
        Assert.Equal(["enter hourly 2026-03-01T10:00:00.000Z event"], script.Deltas);
    }

    [Fact]
    public void A_window_does_not_hold_an_event_as_old_as_it_is_long() => Assert.Empty(
        new PartitionScript("""
            id: keen
            where: { did: { event: view, within: 1h } }
            """).Event("11:00", "view", time: "10:00").Deltas);

    [Fact]
    public void Time_passing_can_make_a_profile_enter() => Assert.Equal(
        ["exit idle 2026-03-01T10:00:00.000Z event", "enter idle 2026-03-01T11:00:00.000Z schedule"],
        new PartitionScript("""
            id: idle
            where: { did: { event: view, count: { at_most: 0 }, within: 1h } }
            """).Event("09:00", "other").Event("10:00", "view").Watermark("12:00").Deltas[1..]);

    [Fact]
    public void A_record_is_evaluated_at_its_own_instant_with_what_is_due_by_then() => Assert.Equal(
        ["enter keen 2026-03-01T10:05:00.000Z event", "exit keen 2026-03-01T11:00:00.000Z event"],
        new PartitionScript(TwoViewsInAnHour).Event("10:00", "view").Event("10:05", "view").Event("11:00", "other").Deltas);

    [Fact]
    public void A_late_event_is_inserted_where_it_belongs() => Assert.Equal(
        ["enter keen 2026-03-01T10:30:00.000Z event", "exit keen 2026-03-01T10:40:00.000Z schedule"],
        new PartitionScript(TwoViewsInAnHour).Event("10:20", "view").Event("10:30", "view", time: "09:40").Watermark("12:00").Deltas);

    [Fact]
    public void An_event_from_the_future_counts_from_its_timestamp_on() => Assert.Equal(
        ["enter keen 2026-03-01T10:05:00.000Z event", "exit keen 2026-03-01T11:00:00.000Z schedule"],
        new PartitionScript(TwoViewsInAnHour).Event("10:00", "view", time: "23:00").Event("10:05", "view").Watermark("12:00").Deltas);

    [Fact]
    public void Instants_of_a_profile_never_go_back() => Assert.Equal(
        ["enter keen 2026-03-01T10:05:00.000Z event"],
        new PartitionScript(TwoViewsInAnHour).Event("10:05", "view").Event("10:00", "view").Deltas);

    [Fact]
    public void A_record_behind_the_watermark_happens_at_the_watermark() => Assert.Equal(
        ["enter keen 2026-03-01T10:30:00.000Z event"],
        new PartitionScript(TwoViewsInAnHour).Event("10:00", "view").Watermark("10:30").Event("10:05", "view").Deltas);

    [Fact]
    public void Ever_has_no_end() => Assert.Equal(
        ["enter once 2026-03-01T10:00:00.000Z event"],
        new PartitionScript("""
            id: once
            where: { did: { event: view } }
            """).Event("10:00", "view").Watermark("2036-03-01T00:00:00Z").Deltas);

    [Theory]
    [InlineData("at_least: 2", "..xx")]
    [InlineData("at_most: 1", "xx..")]
    [InlineData("more_than: 2", "...x")]
    [InlineData("less_than: 2", "xx..")]
    [InlineData("exactly: 2", "..x.")]
    [InlineData("between: [1, 2]", ".xx.")]
    [InlineData("at_least: 0", "xxxx")]
    [InlineData("less_than: 0", "....")]
    public void A_bound_holds_for_these_counts(string bound, string heldFor0To3)
    {
        var script = new PartitionScript($$"""
            id: counted
            where: { did: { event: view, count: { {{bound}} } } }
            """);
        var held = "";
        script.Event("09:00", "other");
        for (var count = 0; count < 4; count++)
        {
            held += script.Profile.Memberships.Length > 0 ? "x" : ".";
            script.Event("10:00", "view");
        }

        Assert.Equal(heldFor0To3, held);
    }

    /// <summary>Every event leaves after an hour: the bound is seen from above.</summary>
    [Theory]
    [InlineData("at_least: 2", "enter 10:01, exit 11:01")]
    [InlineData("at_most: 1", "enter 09:00, exit 10:01, enter 11:01")]
    [InlineData("exactly: 1", "enter 10:00, exit 10:01, enter 11:01, exit 11:02")]
    [InlineData("exactly: 2", "enter 10:01, exit 10:02, enter 11:00, exit 11:01")]
    [InlineData("between: [1, 2]", "enter 10:00, exit 10:02, enter 11:00, exit 11:02")]
    [InlineData("more_than: 2", "enter 10:02, exit 11:00")]
    public void A_bound_flips_by_time_alone(string bound, string expected)
    {
        var script = new PartitionScript($$"""
            id: counted
            where: { did: { event: view, count: { {{bound}} }, within: 1h } }
            """);
        script.Event("09:00", "other").Event("10:00", "view").Event("10:01", "view").Event("10:02", "view").Watermark("13:00");
        Assert.Equal(expected, string.Join(", ", script.Deltas.Select(delta => $"{delta.Split(' ')[0]} {delta.Split(' ')[2][11..16]}")));
    }

    [Fact]
    public void Events_of_one_time_leave_together() => Assert.Equal(
        ["exit two 2026-03-01T10:00:00.000Z event"],
        new PartitionScript("""
            id: two
            where: { did: { event: view, count: { exactly: 2 }, within: 1h } }
            """).Event("10:00", "view").Event("10:00", "view").Event("10:00", "view").Watermark("12:00").Deltas[1..]);
}
