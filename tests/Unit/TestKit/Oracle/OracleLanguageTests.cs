using System.Globalization;
using CohortPipeline.TestKit.Oracle;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Oracle;

/// <summary>The language as the oracle reads it, each clause against transitions found by hand. Times without a date are of 2026-03-01.</summary>
public sealed class OracleLanguageTests
{
    [Fact]
    public void A_rolling_range_begins_after_its_length_and_a_fixed_one_with_its_first_instant()
    {
        Assert.Equal(["enter 10:00", "exit 11:00"], Run("""{"did":{"event":"view","within":"1h"}}""", Views("10:00")));
        Assert.Equal(["enter 11:00"], Run("""{"did":{"event":"view","since":"2026-03-01T11:00:00+01:00"}}""", Views("09:59:59.999", "11:00"), "10:00"));
        Assert.Equal(["enter 10:00"], Run("""{"did":{"event":"view","between":["2026-03-01T10:00:00Z","2026-03-01T11:00:00Z"],"count":{"exactly":1}}}""", Views("09:59", "10:00", "11:00")));
    }

    [Fact]
    public void Calendar_days_end_at_midnight_of_the_zone_and_a_skipped_midnight_is_the_instant_after_the_gap()
    {
        const string Today = """{"did":{"event":"view","calendar":{"days":1}}}""";
        Assert.Equal(["enter 22:00", "exit 23:00"], Run(Today, Views("2026-03-01T22:00"), zone: "Europe/Berlin"));

        // Cairo skips the midnight of 24 April 2026, 22:00 UTC; clocks there go from 23:59 to 01:00 at it.
        Assert.Equal(["enter 2026-04-23T21:59", "exit 2026-04-23T22:00"], Run(Today, Views("2026-04-23T21:59"), zone: "Africa/Cairo"));

        // The Azores show the midnight of 25 October 2026 at 00:00 and again at 01:00 UTC: the earlier counts.
        Assert.Equal(["enter 2026-10-24T23:59", "exit 2026-10-25T00:00"], Run(Today, Views("2026-10-24T23:59"), zone: "Atlantic/Azores"));

        // Newfoundland set its clocks back to 23:01 of the day before at 00:01 of 7 November 2010, 02:31 UTC: a date that has begun goes on.
        Assert.Equal(["enter 2010-11-07T02:30", "exit 2010-11-08T03:30"], Run(Today, Views("2010-11-07T02:30"), zone: "America/St_Johns"));
    }

    [Fact]
    public void Calendar_weeks_begin_on_Monday_and_months_on_their_first()
    {
        Assert.Equal(["enter 2026-03-06T10:00", "exit 2026-03-09T00:00"], Run("""{"did":{"event":"view","calendar":{"weeks":1}}}""", Views("2026-03-06T10:00")));
        Assert.Equal(["enter 2026-01-31T10:00", "exit 2026-04-01T00:00"], Run("""{"did":{"event":"view","calendar":{"months":3}}}""", Views("2026-01-31T10:00")));
    }

    [Fact]
    public void Days_count_dates_of_the_zone()
    {
        const string TwoDays = """{"did":{"event":"view","days":{"at_least":2}}}""";
        Assert.Equal(["enter 2026-03-02T23:30"], Run(TwoDays, Views("2026-03-02T00:30", "2026-03-02T22:59", "2026-03-02T23:30"), zone: "Europe/Berlin"));
        Assert.Empty(Run(TwoDays, Views("2026-03-02T00:30", "2026-03-02T22:59", "2026-03-02T23:30")));
    }

    [Fact]
    public void Distinct_counts_values_and_the_elements_of_arrays()
    {
        const string Three = """{"did":{"event":"view","distinct":{"of":"v","at_least":3}}}""";
        Assert.Equal(["enter 10:03"], Run(Three, Views(("10:00", "1"), ("10:01", "\"1.0\""), ("10:02", """[1,"a",null,["b"],{"c":1}]"""), ("10:03", "true"), ("10:04", "null"))));
    }

    [Fact]
    public void Numbers_are_rounded_half_even_and_added_exactly()
    {
        Assert.Equal(["enter 10:01"], Run("""{"did":{"event":"view","sum":{"of":"v","exactly":0.3}}}""", Views(("10:00", "0.1"), ("10:01", "0.2"))));
        Assert.Equal(["enter 10:00"], Run("""{"did":{"event":"view","sum":{"of":"v","exactly":0.000000002}}}""", Views(("10:00", "0.0000000025"), ("10:01", "[1]"), ("10:02", "\"x\""), ("10:03", "1e15"))));
        Assert.Equal(["enter 10:00", "exit 10:01"], Run("""{"did":{"event":"view","avg":{"of":"v","at_least":2}}}""", Views(("10:00", "2"), ("10:01", "1.999999999"))));
        Assert.Equal(["enter 10:01", "exit 11:00"], Run("""{"all":[{"did":{"event":"view","min":{"of":"v","at_most":1},"within":"1h"}},{"did":{"event":"view","max":{"of":"v","at_least":2},"within":"1h"}}]}""", Views(("10:00", "1"), ("10:01", "\"2\""))));
        Assert.Equal(["enter 11:00"], Run("""{"did":{"event":"view","sum":{"of":"v","at_most":0},"within":"1h"}}""", Views(("10:00", "1"))));
        Assert.Empty(Run("""{"did":{"event":"view","max":{"of":"v","at_most":0}}}""", Views(("10:00", "1"))));
    }

    [Fact]
    public void The_nth_event_ever_is_found_by_event_time()
    {
        Assert.Equal(["enter 10:00", "exit 11:00"], Run("""{"did":{"event":"view","nth":1,"within":"1h"}}""", Views("10:00", "10:30")));
        Assert.Equal(["enter 10:00", "exit 10:30"], Run("""{"did":{"event":"view","nth":1,"within":"1h"}}""", [("10:00", Event("view", "10:00")), ("10:30", Event("view", "09:00"))]));
    }

    [Fact]
    public void A_sequence_is_a_run_of_different_events_in_time()
    {
        const string CartThenView = """{"sequence":{"steps":[{"event":"cart"},{"event":"view","within":"30m"}]}}""";
        Assert.Equal(["enter 10:29"], Run(CartThenView, [("10:00", Event("cart")), ("10:29", Event("view"))]));
        Assert.Empty(Run(CartThenView, [("10:00", Event("cart")), ("10:30", Event("view"))]));
        Assert.Equal(["enter 10:00"], Run(CartThenView, [("10:00", Event("view", "10:00")), ("10:00", Event("cart", "10:00"))]));
        Assert.Equal(["enter 10:01"], Run("""{"sequence":{"steps":[{"event":"view"},{"event":"*"}]}}""", Views("10:00", "10:01")));
        Assert.Empty(Run("""{"sequence":{"steps":[{"event":"view"},{"event":"*"}]}}""", Views("10:00")));
        Assert.Empty(Run("""{"sequence":{"steps":[{"event":"view"},{"event":"view"},{"event":"view"}],"span":"1h"}}""", Views("10:00", "10:30", "11:00")));
        Assert.Equal(["enter 10:30", "exit 10:40"], Run("""{"sequence":{"steps":[{"event":"view"},{"event":"view"}],"within":"10m"}}""", Views("10:00", "10:30")));
    }

    [Fact]
    public void A_last_step_that_must_not_happen_completes_when_its_time_is_over_unless_it_happened()
    {
        const string Left = """{"sequence":{"steps":[{"event":"cart"},{"not":{"event":"buy"},"within":"1h"}]}}""";
        Assert.Equal(["enter 11:00"], Run(Left, [("10:00", Event("cart"))]));
        Assert.Empty(Run(Left, [("10:00", Event("cart")), ("10:59", Event("buy"))]));
        Assert.Equal(["enter 11:00"], Run(Left, [("10:00", Event("cart")), ("11:00", Event("buy"))]));
        Assert.Equal(["enter 11:00", "exit 11:30"], Run(Left, [("10:00", Event("cart")), ("11:30", Event("buy", "10:30"))]));
        Assert.Equal(["enter 11:00"], Run("""{"sequence":{"steps":[{"event":"cart"},{"not":{"event":"cart"},"within":"1h"}]}}""", [("10:00", Event("cart"))]));
    }

    [Fact]
    public void Properties_that_are_instants_flip_by_time_alone()
    {
        Assert.Equal(["enter 11:00", "exit 12:00"], Run("""{"property":{"name":"at","in_last":"1h"}}""", [("10:00", Set("\"2026-03-01T11:00:00Z\""))]));
        Assert.Equal(["enter 11:00", "exit 12:00"], Run("""{"property":{"name":"at","in_next":"1h"}}""", [("10:00", Set("1772366400"))]));
        Assert.Equal(["enter 11:00:00.001"], Run("""{"property":{"name":"at","before":"now"}}""", [("10:00", Set("[\"x\",1772362800000]"))]));
        Assert.Equal(["enter 10:00", "exit 23:00"], Run("""{"property":{"name":"at","after":"now"}}""", [("10:00", Set("\"2026-03-02\""))], zone: "Europe/Berlin"));
        Assert.Equal(["enter 10:00"], Run("""{"property":{"name":"at","before":"2026-03-01"}}""", [("10:00", Set("\"2026-02-28 23:59:59.9999 UTC\""))]));
        Assert.Empty(Run("""{"any":[{"property":{"name":"at","before":"now"}},{"property":{"name":"at","after":"now"}}]}""", [("10:00", Set("\"soon\""))]));
    }

    [Fact]
    public void What_a_property_ever_was_holds_for_good() =>
        Assert.Equal(["enter 10:00"], Run("""{"property":{"name":"at","ever_was":{"is":"trial"}}}""", [("10:00", Set("\"trial\"")), ("10:01", Set("\"pro\""))]));

    [Fact]
    public void A_cohort_of_members_of_another_one_changes_with_it()
    {
        var result = new ActivityScript()
            .Define(("b", 1, """{"id":"b","where":{"did":{"event":"view","within":"1h"}}}"""), ("a", 1, """{"id":"a","where":{"not":{"in_cohort":"b"}}}"""))
            .Event("u:ada", "cart", Instant("10:00"))
            .Event("u:ada", "view", Instant("10:00"))
            .Until(Instant("12:00"))
            .Run(Clock);
        Assert.Equal(
            ["enter a 10:00 1/1", "exit a 10:00 1/2", "enter b 10:00 2/2", "enter a 11:00 1/2", "exit b 11:00 2/2"],
            result.Deltas["u:ada"].Select(delta => $"{delta.Change} {delta.CohortId} {Text(delta.At)} {delta.Part}/{delta.Parts}"));
    }

    [Theory]
    [InlineData("""{"contains":"ho"}""", """["x","Shoe"]""", true)]
    [InlineData("""{"contains":"HO"}""", "\"shoe\"", false)]
    [InlineData("""{"contains":"HO","ignore_case":true}""", "\"shoe\"", true)]
    [InlineData("""{"not_contains":"ho"}""", """["x","Shoe"]""", false)]
    [InlineData("""{"not_contains":"ho"}""", "null", true)]
    [InlineData("""{"starts_with":"1.5"}""", "1.50", true)]
    [InlineData("""{"ends_with":"0"}""", "1.50", true)]
    [InlineData("""{"starts_with":"t"}""", "true", true)]
    [InlineData("""{"matches":"^s.+e$"}""", "\"shoe\"", true)]
    [InlineData("""{"matches":"O","ignore_case":true}""", "\"shoe\"", true)]
    [InlineData("""{"is":"PRO","ignore_case":true}""", "\"pro\"", true)]
    [InlineData("""{"not_in":["PRO"],"ignore_case":true}""", "\"pro\"", false)]
    [InlineData("""{"has":{"a":1,"b":{"at_least":2}}}""", """[{"a":1,"b":1},{"a":1,"b":2}]""", true)]
    [InlineData("""{"has":{"a":1,"b":{"at_least":2}}}""", """[{"a":1,"b":1},{"a":2,"b":2}]""", false)]
    [InlineData("""{"has":{"a":1}}""", """{"a":"1.0"}""", true)]
    [InlineData("""{"has":{"a":1}}""", "1", false)]
    public void Operators_hold_as_the_specification_says(string test, string value, bool holds) =>
        Assert.Equal(holds ? ["enter 10:00"] : [], Run($$$$"""{"did":{"event":"view","where":{"v":{{{{test}}}}}}}""", Views(("10:00", value))));

    private static readonly OracleOptions Clock = new() { RecordClock = true, SourceTopics = ["events"] };

    private static Action<ActivityScript, long> Event(string type, string? time = null) =>
        (script, at) => script.Event("u:ada", type, at, time is null ? null : Instant(time));

    private static Action<ActivityScript, long> Set(string value) => (script, at) => script.Identify("u:ada", $$$"""{"$set":{"at":{{{value}}}}}""", at);

    private static (string At, Action<ActivityScript, long> Record)[] Views(params string[] times) => [.. times.Select(time => (time, Event("view")))];

    private static (string At, Action<ActivityScript, long> Record)[] Views(params (string At, string Value)[] views) =>
        [.. views.Select(view => (view.At, (Action<ActivityScript, long>)((script, at) => script.Event("u:ada", "view", at, properties: $$$"""{"v":{{{view.Value}}}}"""))))];

    /// <summary>The transitions of one cohort, an hour past the last day included.</summary>
    private static string[] Run(string where, (string At, Action<ActivityScript, long> Record)[] records, string? first = null, string zone = "UTC")
    {
        var script = new ActivityScript().Define(("c", 1, $$"""{"id":"c","time_zone":"{{zone}}","where":{{where}}}"""));
        foreach (var (at, record) in records)
            record(script, Instant(at));
        var deltas = script.Until(Instant(records[^1].At) + (100L * 24 * 3_600_000)).Run(Clock).Deltas;
        var changes = deltas.TryGetValue("u:ada", out var known) ? known : [];
        return [.. changes.Where(delta => first is null || delta.At >= Instant(first)).Select(delta => $"{delta.Change} {Text(delta.At)}")];
    }

    private static long Instant(string time) => DateTimeOffset.Parse(
        $"{(time.Contains('T', StringComparison.Ordinal) ? time : $"2026-03-01T{time}")}Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Text(long instant)
    {
        var text = DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture);
        text = text.EndsWith(":00.000", StringComparison.Ordinal) ? text[..^7] : text;
        return text.StartsWith("2026-03-01T", StringComparison.Ordinal) ? text[11..] : text;
    }
}
