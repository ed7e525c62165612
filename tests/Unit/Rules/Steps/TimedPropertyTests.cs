using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Properties in time, and what they once were: cohorts.md §2.3.</summary>
public sealed class TimedPropertyTests
{
    [Theory]
    [InlineData("in_last: 1h", "\"2026-03-01T12:00:00Z\"", "enter 12:00:00.000Z", "exit 13:00:00.000Z")]
    [InlineData("in_next: 1h", "\"2026-03-01T12:00:00Z\"", "enter 11:00:00.000Z", "exit 12:00:00.000Z")]
    [InlineData("before: now", "\"2026-03-01T12:00:00Z\"", "enter 12:00:00.001Z")]
    [InlineData("after: now", "\"2026-03-01T12:00:00Z\"", "enter 10:00:00.000Z", "exit 12:00:00.000Z")]
    [InlineData("before: 2026-03-02", "\"2026-03-01T12:00:00Z\"", "enter 10:00:00.000Z")]
    [InlineData("after: 2026-03-02", "\"2026-03-01T12:00:00Z\"")]
    [InlineData("in_last: 1h", "1772366400", "enter 12:00:00.000Z", "exit 13:00:00.000Z")]
    [InlineData("in_last: 1h", "\"1772366400000\"", "enter 12:00:00.000Z", "exit 13:00:00.000Z")]
    [InlineData("in_last: 1h", "\"2026-03-01 12:00:00\"", "enter 12:00:00.000Z", "exit 13:00:00.000Z")]
    [InlineData("in_last: 1h", "\"soon\"")]
    [InlineData("in_last: 1h", "[\"soon\",\"2026-03-01T12:00:00Z\",\"2026-03-01T14:00:00Z\"]", "enter 12:00:00.000Z", "exit 13:00:00.000Z", "enter 14:00:00.000Z", "exit 15:00:00.000Z")]
    public void Flips_to_the_millisecond(string test, string value, params string[] expected) => Assert.Equal(
        expected,
        Flips($"{{ property: {{ name: at, {test} }} }}", s => s.Identify("10:00", $$$"""{"$set":{"at":{{{value}}}}}""").Watermark("20:00")));

    [Fact]
    public void A_date_is_midnight_in_the_time_zone() => Assert.Equal(
        ["enter 23:00:00.001Z"],
        Flips("{ property: { name: at, before: now } }", s => s.Identify("10:00", """{"$set":{"at":"2026-03-02"}}""").Watermark("2026-03-02T20:00:00Z"), "Europe/Berlin"));

    [Fact]
    public void An_evaluation_between_the_flips_keeps_the_timer() => Assert.Equal(
        ["enter 12:00:00.000Z", "exit 13:00:00.000Z"],
        Flips("{ property: { name: at, in_last: 1h } }", s => s
            .Identify("10:00", """{"$set":{"at":"2026-03-01T12:00:00Z"}}""").Event("11:00", "x").Event("12:30", "x").Event("14:00", "x")));

    [Fact]
    public void Ever_was_holds_for_good_from_the_first_moment_on() => Assert.Equal(
        ["enter 10:01:00.000Z"],
        Flips("{ property: { name: plan, ever_was: { is: trial } } }", s => s
            .Identify("10:00", """{"$set":{"plan":"free"}}""").Identify("10:01", """{"$set":{"plan":"trial"}}""").Identify("10:02", """{"$set":{"plan":"pro"}}""").Watermark("12:00")));

    [Fact]
    public void Ever_was_begins_with_the_values_at_the_moment_the_definition_is_applied()
    {
        const string Once = "id: once\nwhere: { property: { name: plan, ever_was: { is: trial } } }";
        var script = new PartitionScript { Restores = true };
        script.Identify("10:00", """{"$set":{"plan":"trial"}}""").Define(Once).Identify("10:01", """{"$set":{"plan":"pro"}}""");
        Assert.Equal(["enter once 2026-03-01T10:00:00.000Z definition"], script.Deltas);
        script = new PartitionScript { Restores = true };
        script.Identify("10:00", """{"$set":{"plan":"trial"}}""").Identify("10:01", """{"$set":{"plan":"pro"}}""").Define(Once);
        Assert.Empty(script.Deltas);
    }

    private static string[] Flips(string clause, Action<PartitionScript> script, string zone = "UTC") =>
        [.. ScriptRuns.Deltas($"id: a\ntime_zone: {zone}\nwhere: {clause}", script).Select(delta => string.Join(' ', delta.Split(' ') is var parts ? [parts[0], parts[2]] : []))];
}
