using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>The measures of cohorts.md §2.1, one test a sentence.</summary>
public sealed class MeasureTests
{
    [Fact]
    public void Days_counts_different_dates_of_the_time_zone() => Assert.Equal(
        ["enter a 23:30:00.000Z event"],
        Deltas("time_zone: Europe/Berlin", "days: { at_least: 2 }", s => s.Event("10:00", "x").Event("22:59", "x").Event("23:30", "x")));

    [Fact]
    public void Days_keep_the_newest_event_of_a_date_however_late_it_comes() => Assert.Equal(
        ["enter a 2026-03-02T01:00:00.000Z event", "exit a 2026-03-02T13:00:00.000Z schedule"],
        Deltas("", "days: { at_least: 2 }, within: 1d", s => s
            .Event("10:00", "x").Event("2026-03-02T01:00Z", "x").Event("2026-03-02T02:00Z", "x", time: "13:00").Watermark("2026-03-03T00:00Z")));

    [Fact]
    public void Distinct_counts_values_as_filters_compare_them() => Assert.Equal(
        ["enter a 10:04:00.000Z event"],
        Deltas("", "distinct: { of: p, at_least: 3 }", s => s
            .Event("10:00", "x", """{"p":1}""").Event("10:01", "x", """{"p":"1.0"}""").Event("10:02", "x", """{"p":"a"}""")
            .Event("10:03", "x", """{"p":null}""").Event("10:03", "x", "{}").Event("10:04", "x", """{"p":true}""")));

    [Fact]
    public void Distinct_counts_each_element_of_an_array_and_passes_over_nulls_arrays_and_objects() => Assert.Equal(
        ["enter a 10:01:00.000Z event"],
        Deltas("", "distinct: { of: p, at_least: 3 }", s => s
            .Event("10:00", "x", """{"p":["a","b",null,["c"],{"d":1},"a"]}""").Event("10:01", "x", """{"p":["c"]}""")));

    [Fact]
    public void A_distinct_value_leaves_with_its_newest_event() => Assert.Equal(
        ["enter a 10:10:00.000Z event", "exit a 11:10:00.000Z schedule"],
        Deltas("", "distinct: { of: p, at_least: 2 }, within: 1h", s => s
            .Event("10:00", "x", """{"p":"a"}""").Event("10:10", "x", """{"p":"b"}""").Event("10:20", "x", """{"p":"a"}""").Watermark("12:00")));

    [Fact]
    public void Sum_is_exact_to_nine_decimals() => Assert.Equal(
        ["enter a 10:02:00.000Z event"],
        Deltas("", "sum: { of: p, exactly: 0.3 }", s => s
            .Event("10:00", "x", """{"p":0.1}""").Event("10:01", "x", """{"p":"0.1"}""").Event("10:02", "x", """{"p":0.1000000004}""")));

    [Fact]
    public void Sum_of_nothing_is_zero_and_the_others_have_no_value()
    {
        Assert.Equal(["enter a 10:00:00.000Z event"], Deltas("", "sum: { of: p, at_most: 0 }", s => s.Event("10:00", "y")));
        foreach (var measure in new[] { "avg", "min", "max" })
            Assert.Empty(Deltas("", $"{measure}: {{ of: p, at_most: 0 }}", s => s.Event("10:00", "y")));
    }

    [Fact]
    public void Average_compares_the_sum_with_the_bound_times_the_count() => Assert.Equal(
        ["enter a 10:00:00.000Z event", "exit a 10:02:00.000Z event"],
        Deltas("", "avg: { of: p, at_least: 3.333333334 }", s => s
            .Event("10:00", "x", """{"p":4}""").Event("10:01", "x", """{"p":3}""").Event("10:02", "x", """{"p":3}""")));

    [Fact]
    public void Least_and_greatest_follow_the_events_that_leave() => Assert.Equal(
        ["enter a 10:00:00.000Z event", "exit a 11:00:00.000Z schedule"],
        Deltas("", "max: { of: p, more_than: 5 }, within: 1h", s => s
            .Event("10:00", "x", """{"p":9}""").Event("10:30", "x", """{"p":5}""").Watermark("13:00")));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"p":"many"}""")]
    [InlineData("""{"p":[7]}""")]
    [InlineData("""{"p":1000000000000000}""")]
    public void What_is_no_number_below_ten_to_the_fifteenth_is_not_measured(string properties) => Assert.Empty(
        Deltas("", "min: { of: p, at_least: -1000000000000000 }", s => s.Event("10:00", "x", properties)));

    [Fact]
    public void Sums_without_a_range_go_on_exactly_beyond_a_thousand_events()
    {
        var deltas = Deltas("", "sum: { of: p, at_least: 2000 }", s =>
        {
            for (var i = 0; i < 2000; i++)
                s.Event("10:00", "x", """{"p":1}""", time: $"2026-03-01T{9 - (i / 400):D2}:00Z");
        });
        Assert.Equal(["enter a 10:00:00.000Z event"], deltas);
    }

    [Fact]
    public void Nth_is_the_nth_event_ever_by_event_time() => Assert.Equal(
        ["enter a 10:00:00.000Z event", "exit a 10:10:00.000Z event"],
        Deltas("", "nth: 1, within: 7d", s => s.Event("10:00", "x").Event("10:10", "x", time: "2026-01-01T00:00:00Z")));

    [Fact]
    public void Nth_leaves_when_the_range_slides_past_it_and_does_not_come_again() => Assert.Equal(
        ["enter a 10:10:00.000Z event", "exit a 11:10:00.000Z schedule"],
        Deltas("", "nth: 2, within: 1h", s => s.Event("10:00", "x").Event("10:10", "x").Event("10:20", "x").Watermark("12:00").Event("12:00", "x")));

    private static string[] Deltas(string zone, string measure, Action<PartitionScript> script) => ScriptRuns.Deltas(
        $$"""
        id: a
        {{zone}}
        where: { did: { event: x, {{measure}} } }
        """,
        script);
}
