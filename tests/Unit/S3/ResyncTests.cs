using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Objects;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// `memberships` may be compacted once a row is seven days old: what a plan or a last sync was is known for six. After that a
/// start gives it up for a resync.
/// </summary>
public sealed class ResyncTests
{
    [Fact]
    public async Task A_last_sync_that_may_be_compacted_away_leads_to_one_with_everyone_in_entering()
    {
        await using var bench = Started(SinkBench.Destination("buyers"));
        bench.Kill();
        bench.Row("buyers", "cy", isIn: true);
        bench.Row("buyers", "ada", isIn: false);
        bench.Clock.SetUtcNow(new(2026, 3, 7, 1, 0, 1, TimeSpan.Zero));
        bench.Start(SinkBench.Destination("buyers"));
        bench.TurnUntil(() => bench.Status.Report.Reason == "resync at the next boundary: buyers");
        bench.Settle();
        Assert.Equal("", bench.Status.Report.Reason);

        Assert.Equal(["bob", "cy"], Users(bench, "2026-03-07T01", "entering"));
        Assert.Empty(Users(bench, "2026-03-07T01", "exiting"));
        Assert.Empty(Users(bench, "2026-03-07T01", "existing"));
        var manifest = bench.Store.TextOf("0_buyers_2026-03-07T01-00-00_manifest.json");
        Assert.Contains("\"resync\": true", manifest, StringComparison.Ordinal);
        Assert.Contains("\"previous_sync\": \"2026-03-01T01:00:00.000Z\"", manifest, StringComparison.Ordinal);

        bench.Row("buyers", "bob", isIn: false);
        bench.AdvanceTo("2026-03-07T02:00:00Z");
        Assert.Equal(["bob"], Users(bench, "2026-03-07T02", "exiting"));
        Assert.Equal(["bob", "cy"], Users(bench, "2026-03-07T02", "existing"));
        Assert.DoesNotContain("resync", bench.Store.TextOf("0_buyers_2026-03-07T02-00-00_manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_younger_one_is_gone_on_from()
    {
        await using var bench = Started(SinkBench.Destination("buyers"));
        bench.Kill();
        bench.Row("buyers", "cy", isIn: true);
        bench.Clock.SetUtcNow(new(2026, 3, 7, 0, 59, 59, TimeSpan.Zero));
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        Assert.Equal(["cy"], Users(bench, "2026-03-07T00", "entering"));
        Assert.Equal(["ada", "bob"], Users(bench, "2026-03-07T00", "existing"));
    }

    [Fact]
    public async Task A_plan_that_cannot_be_repeated_is_given_up_for_one_at_a_new_boundary()
    {
        await using var bench = Started(SinkBench.Destination("buyers"));
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", ""));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        bench.Kill();
        bench.Clock.SetUtcNow(new(2026, 3, 8, 5, 0, 0, TimeSpan.Zero));
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();

        Assert.DoesNotContain(bench.Store.Objects.Keys, key => key.Contains("2026-03-01T02", StringComparison.Ordinal));
        Assert.Equal(["ada", "bob"], Users(bench, "2026-03-08T05", "entering"));
        Assert.Contains("\"resync\": true", bench.Store.TextOf("0_buyers_2026-03-08T05-00-00_manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_is_the_plan_of_a_first_sync()
    {
        await using var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", ""));
        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        bench.Kill();
        bench.Clock.SetUtcNow(new(2026, 3, 8, 5, 0, 0, TimeSpan.Zero));
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();

        Assert.All(bench.Store.Objects.Keys, key => Assert.Contains("2026-03-08T05", key, StringComparison.Ordinal));
        Assert.Equal(["ada"], Users(bench, "2026-03-08T05", "entering"));
        Assert.Contains("\"resync\": true", bench.Store.TextOf("0_buyers_2026-03-08T05-00-00_manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resync_that_is_interrupted_is_repeated_as_one()
    {
        await using var bench = Started(SinkBench.Destination("buyers"));
        bench.Kill();
        bench.Clock.SetUtcNow(new(2026, 3, 8, 5, 0, 0, TimeSpan.Zero));
        bench.Store.AnswerNext(StoreAnswer.Refused("AccessDenied", ""));
        bench.Start(SinkBench.Destination("buyers"));
        bench.TurnUntil(() => bench.Status.Report.State == SinkState.Parked);
        bench.Kill();
        bench.Start(SinkBench.Destination("buyers"));
        bench.Settle();
        Assert.Equal(["ada", "bob"], Users(bench, "2026-03-08T05", "entering"));
        Assert.Contains("\"resync\": true", bench.Store.TextOf("0_buyers_2026-03-08T05-00-00_manifest.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_real_time_it_is_published_though_nobody_is_left()
    {
        var destination = SinkBench.Destination("buyers") with { Cadence = Cadence.RealTime };
        await using var bench = Started(destination);
        bench.Kill();
        bench.Row("buyers", "ada", isIn: false);
        bench.Row("buyers", "bob", isIn: false);
        bench.Clock.SetUtcNow(new(2026, 3, 8, 5, 0, 0, TimeSpan.Zero));
        bench.Start(destination);
        bench.Settle();
        Assert.Empty(Users(bench, "2026-03-08T05", "entering"));
        Assert.Contains("\"resync\": true", bench.Store.TextOf("0_buyers_2026-03-08T05-00-00_manifest.json"), StringComparison.Ordinal);
    }

    /// <summary>A sink that has published ada and bob at 01:00.</summary>
    private static SinkBench Started(S3Destination destination)
    {
        var bench = new SinkBench();
        bench.Define("buyers");
        bench.Row("buyers", "ada", isIn: true);
        bench.Row("buyers", "bob", isIn: true);
        bench.Start(destination);
        bench.Settle();
        bench.AdvanceTo("2026-03-01T01:00:00Z");
        Assert.Equal(["ada", "bob"], Users(bench, "2026-03-01T01", "entering"));
        return bench;
    }

    private static string[] Users(SinkBench bench, string hour, string file) =>
        [.. bench.Store.TextOf($"0_buyers_{hour}-00-00_{file}.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[1])];
}
