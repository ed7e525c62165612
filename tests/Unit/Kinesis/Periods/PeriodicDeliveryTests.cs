using System.Text.Json.Nodes;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis.Periods;

/// <summary>Destinations that are told hourly and daily, on a log and with a store as in production.</summary>
public sealed class PeriodicDeliveryTests
{
    private const string Hourly = "cohorts: [shoes]\nformat: amplitude-cohort\nidentifier_field: user_id\ncadence: hourly";

    [Fact]
    public async Task Each_boundary_tells_the_net_changes_since_the_last()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        scene.Change("shoes", "bob", isIn: true);
        scene.Change("shoes", "bob", isIn: false);
        scene.Change("hats", "cay", isIn: true);
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        Assert.Empty(scene.Told);

        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        Assert.Equal(["enter ada shoes"], scene.Told);

        scene.Change("shoes", "ada", isIn: false);
        scene.Change("shoes", "ada", isIn: true);
        scene.Change("shoes", "bob", isIn: true);
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T12:00Z");
        Assert.Equal(["enter ada shoes", "enter bob shoes"], scene.Told);

        scene.Change("shoes", "ada", isIn: false);
        scene.Set("2026-03-01T12:00:00.001Z");
        await scene.ServeUntil(Hourly, "2026-03-01T13:00Z");
        Assert.Equal(["enter ada shoes", "enter bob shoes", "exit ada shoes"], scene.Told);
    }

    [Fact]
    public async Task One_member_goes_on_from_boundary_to_boundary()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        var (hour, told) = (9, 0);
        await scene.Serve(Hourly, report =>
        {
            if (report is not { State: SinkState.Live, Counts.InFlight: 0 } || report.Reason != $"the boundary 2026-03-01T{hour + 1:00}:00Z")
                return false;
            if (hour == 14)
                return true;
            Assert.Equal(told, scene.Told.Count);
            scene.Change("shoes", "bob", isIn: hour % 2 == 1);
            told += hour == 9 ? 2 : 1;
            hour++;
            scene.Set($"2026-03-01T{hour:00}:00:00Z");
            return false;
        });
        Assert.Equal(["enter ada shoes", "enter bob shoes", "exit bob shoes", "enter bob shoes", "exit bob shoes", "enter bob shoes"], scene.Told);
    }

    [Fact]
    public async Task Of_boundaries_that_were_missed_the_newest_is_told()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T12:10:00Z");
        scene.Change("shoes", "bob", isIn: true);
        scene.Set("2026-03-01T14:20:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T15:00Z");
        Assert.Equal(["enter ada shoes", "enter bob shoes"], scene.Told.Order());
    }

    [Fact]
    public async Task A_day_ends_at_midnight_utc()
    {
        var daily = Hourly.Replace("hourly", "daily", StringComparison.Ordinal);
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.ServeUntil(daily, "2026-03-02T00:00Z");
        scene.Set("2026-03-01T23:59:59.999Z");
        await scene.ServeUntil(daily, "2026-03-02T00:00Z");
        Assert.Empty(scene.Told);
        scene.Set("2026-03-02T00:00:00Z");
        await scene.ServeUntil(daily, "2026-03-03T00:00Z");
        Assert.Equal(["enter ada shoes"], scene.Told);
    }

    [Fact]
    public async Task A_destination_that_starts_now_is_not_told_the_members_there_were()
    {
        const string now = Hourly + "\nstart: now";
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.ServeUntil(now, "2026-03-01T10:00Z");
        scene.Change("shoes", "bob", isIn: true);
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(now, "2026-03-01T11:00Z");
        Assert.Equal(["enter bob shoes"], scene.Told);
    }

    [Fact]
    public async Task A_user_s_changes_are_one_record_of_lytics_with_the_newest_instant()
    {
        const string lytics = "cohorts: [\"*\"]\nformat: lytics-trigger\ncadence: hourly";
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        foreach (var cohort in new[] { "shoes", "hats", "coats", "boots" })
        {
            scene.Change(cohort, "ada", isIn: true, """{"plan":"pro"}""");
            scene.Change(cohort, "bob", isIn: cohort != "boots");
        }

        scene.Change("hats", "ada", isIn: false);
        await scene.ServeUntil(lytics, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(lytics, "2026-03-01T11:00Z");
        Assert.Equal(2, scene.Told.Count);
        scene.Change("boots", "ada", isIn: false);
        scene.Change("hats", "ada", isIn: true);
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(lytics, "2026-03-01T12:00Z");
        Assert.Equal(
            [
                "enter ada boots, enter ada coats, enter ada shoes", "enter bob coats, enter bob hats, enter bob shoes",
                "exit ada boots, enter ada hats",
            ],
            scene.Told.Take(2).Order().Concat(scene.Told.Skip(2)));
        var last = JsonNode.Parse(scene.Records[^1])!;
        Assert.Equal("2026-03-01T10:00:01.000000000Z", (string?)last["meta"]!["timestamp"]);
    }

    [Fact]
    public async Task Those_that_are_not_asked_for_are_passed_over()
    {
        const string exits = Hourly + "\nchanges: exits";
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.ServeUntil(exits, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(exits, "2026-03-01T11:00Z");
        scene.Change("shoes", "ada", isIn: false);
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(exits, "2026-03-01T12:00Z");
        Assert.Equal(["exit ada shoes"], scene.Told);
    }

    [Fact]
    public async Task Who_is_forgotten_has_left_and_is_told_with_the_last_that_is_known()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        scene.Forget("shoes", "ada");
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T12:00Z");
        Assert.Equal(["enter ada shoes", "exit ada shoes"], scene.Told);
        var times = scene.Records.Select(record => long.Parse((string)JsonNode.Parse(record)!["computed_time"]!, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(times[0] < times[1], "a receiver that orders by computed_time takes the exit for older");
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_a_dead_letter_once_and_nobody_s_change()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        scene.Garble("shoes", "bob");
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        scene.Change("shoes", "cay", isIn: true);
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T12:00Z");
        Assert.Equal(["enter ada shoes", "enter cay shoes"], scene.Told);
        Assert.Equal(["shoes/u:bob"], await scene.DeadLetters());
    }

    [Fact]
    public async Task A_cohort_that_is_added_begins_with_its_members_at_the_next_boundary()
    {
        var both = Hourly.Replace("[shoes]", "[shoes, hats]", StringComparison.Ordinal);
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        scene.Change("hats", "bob", isIn: true);
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        await scene.ServeUntil(both, "2026-03-01T11:00Z");
        scene.Set("2026-03-01T11:00:00Z");
        await scene.ServeUntil(both, "2026-03-01T12:00Z");
        Assert.Equal(["enter ada shoes", "enter bob hats"], scene.Told);
    }

    [Fact]
    public async Task Where_the_last_state_is_not_readable_any_more_all_are_told_what_they_are()
    {
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        scene.Change("shoes", "bob", isIn: true);
        scene.Change("shoes", "cay", isIn: true);
        scene.Change("shoes", "cay", isIn: false);
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        scene.Set("2026-03-08T10:30:00Z");
        scene.Change("shoes", "bob", isIn: false);
        scene.Holds = true;
        await scene.Serve(Hourly, report =>
        {
            scene.Holds &= report.State != SinkState.Resync;
            return report is { State: SinkState.Live, Reason: "the boundary 2026-03-08T11:00Z" };
        });
        Assert.False(scene.Holds, "it was not shown as a resync");
        Assert.Equal(["enter ada shoes", "enter bob shoes", "enter ada shoes", "exit bob shoes"], Sorted(scene.Told, 2));
        scene.Change("shoes", "bob", isIn: true);
        scene.Set("2026-03-08T11:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-08T12:00Z");
        Assert.Equal("enter bob shoes", scene.Told[^1]);
        Assert.Equal(5, scene.Told.Count);
    }

    [Fact]
    public async Task A_destination_that_changes_from_real_time_is_told_what_changed_since_and_back_again()
    {
        var realTime = Hourly.Replace("hourly", "real_time", StringComparison.Ordinal);
        await using var scene = await PeriodicScene.At("2026-03-01T09:30:00Z");
        scene.Change("shoes", "ada", isIn: true);
        await scene.Serve(realTime, report => report is { State: SinkState.Live, Counts: { Accepted: 1, InFlight: 0 } });
        await scene.ServeUntil(Hourly, "2026-03-01T10:00Z");
        scene.Change("shoes", "ada", isIn: false);
        scene.Change("shoes", "bob", isIn: true);
        scene.Set("2026-03-01T10:00:00Z");
        await scene.ServeUntil(Hourly, "2026-03-01T11:00Z");
        Assert.Equal(["enter ada shoes", "enter bob shoes", "exit ada shoes"], Sorted(scene.Told, 1));
        scene.Change("shoes", "bob", isIn: false);
        await scene.Serve(realTime, report => report is { State: SinkState.Live, Counts.InFlight: 0 } && scene.Told.Contains("exit bob shoes"));
    }

    /// <summary>Partitions are told side by side: those behind the first are put in order.</summary>
    private static IEnumerable<string> Sorted(IReadOnlyList<string> told, int first) => told.Take(first).Order().Concat(told.Skip(first).Order());
}
