using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>The ranges of cohorts.md §2.1 beside the rolling one, over changes of clocks too.</summary>
public sealed class RangeTests
{
    [Fact]
    public void Since_holds_from_its_first_instant() => Assert.Equal(
        ["enter a 10:05:00.000Z event"],
        Deltas("UTC", "since: 2026-03-01T10:00:00+00:00", s => s.Event("10:01", "x", time: "09:59:59.999").Event("10:05", "x", time: "10:00")));

    [Fact]
    public void Between_holds_its_first_instant_and_not_its_end() => Assert.Equal(
        ["enter a 12:01:00.000Z event"],
        Deltas("UTC", "between: [2026-03-01T10:00:00Z, 2026-03-01T11:00:00Z]", s => s
            .Event("12:00", "x", time: "11:00").Event("12:01", "x", time: "10:59:59.999").Watermark("2027-01-01T00:00:00Z")));

    [Fact]
    public void A_date_begins_at_midnight_of_the_time_zone() => Assert.Equal(
        ["enter a 12:02:00.000Z event"],
        Deltas("Europe/Berlin", "since: 2026-03-01", s => s
            .Event("12:00", "x", time: "2026-02-28T22:59:59.999Z").Event("12:02", "x", time: "2026-02-28T23:00:00Z")));

    [Theory]
    [InlineData("Europe/Berlin", "days: 1", "2026-03-29T12:00:00Z", "2026-03-29T22:00:00.000Z")] // a day of 23 hours
    [InlineData("Europe/Berlin", "days: 2", "2026-03-28T12:00:00Z", "2026-03-29T22:00:00.000Z")]
    [InlineData("Europe/Berlin", "days: 1", "2026-10-25T00:30:00Z", "2026-10-25T23:00:00.000Z")] // of 25
    [InlineData("America/New_York", "weeks: 1", "2026-03-08T03:00:00Z", "2026-03-09T04:00:00.000Z")] // Saturday evening there, the week ends in daylight time
    [InlineData("UTC", "weeks: 2", "2026-03-01T12:00:00Z", "2026-03-09T00:00:00.000Z")]
    [InlineData("UTC", "months: 1", "2026-02-10T12:00:00Z", "2026-03-01T00:00:00.000Z")]
    [InlineData("UTC", "months: 13", "2026-02-10T12:00:00Z", "2027-03-01T00:00:00.000Z")]
    [InlineData("Asia/Beirut", "days: 1", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00.000Z")] // midnight is skipped: the 29th begins at 01:00 there
    [InlineData("Africa/Cairo", "days: 1", "2026-10-29T20:30:00Z", "2026-10-29T22:00:00.000Z")] // clocks go back at midnight, to 23:00: the day has 25 hours
    public void A_calendar_range_ends_with_its_last_period(string zone, string calendar, string eventAt, string exitAt)
    {
        var deltas = Deltas(zone, $"calendar: {{ {calendar} }}", s => s.Event(eventAt, "x").Watermark("2028-01-01T00:00:00Z"));
        Assert.Equal(2, deltas.Length);
        Assert.Equal($"exit a {exitAt} schedule".Replace("2026-03-01T", "", StringComparison.Ordinal), deltas[1]);
    }

    private static string[] Deltas(string zone, string range, Action<PartitionScript> script) => ScriptRuns.Deltas(
        $$"""
        id: a
        time_zone: {{zone}}
        where: { did: { event: x, {{range}} } }
        """,
        script);
}
