using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// Two sinks on one destination, neither of which knows of the other: the worst that a paused process, fenced long ago, can
/// do. Their turns are taken at random, from a seed.
/// </summary>
public sealed class TwoSinksTests
{
    private const int PartBytes = 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task With_the_same_plan_both_end_and_the_objects_are_those_of_one(int seed)
    {
        await using var alone = new SinkBench();
        Begin(alone, "ada");
        alone.AdvanceTo("2026-03-01T01:00:00Z");

        await using var first = new SinkBench();
        await using var second = new SinkBench(first.Store);
        Begin(first, "ada");
        Begin(second, "ada");
        TakeTurns(new(seed), first, second);
        Assert.Equal(alone.Store.Objects.Keys.Order(StringComparer.Ordinal), first.Store.Objects.Keys.Order(StringComparer.Ordinal));
        Assert.All(alone.Store.Objects, item => Assert.True(item.Value.AsSpan().SequenceEqual(first.Store.Objects[item.Key]), $"{item.Key} with seed {seed}"));
        Assert.Empty(first.Store.Unfinished);
        Assert.Equal((SinkState.Live, SinkState.Live), (first.Status.Report.State, second.Status.Report.State));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task With_another_plan_one_parks_and_nothing_of_the_others_is_overwritten(int seed)
    {
        await using var first = new SinkBench();
        await using var second = new SinkBench(first.Store);
        Begin(first, "ada");
        Begin(second, "zoe");
        TakeTurns(new(seed), first, second);

        var parked = Assert.Single(new[] { first, second }, bench => bench.Status.Report.State == SinkState.Parked);
        Assert.StartsWith("ObjectDiffers", parked.Status.Report.Reason, StringComparison.Ordinal);
        var winner = parked == first ? "zoe" : "ada";
        Assert.Contains($",{winner}\r\n", first.Store.TextOf("0_buyers_2026-03-01T01-00-00_entering.csv"), StringComparison.Ordinal);
        Assert.Contains("0_buyers_2026-03-01T01-00-00_manifest.json", first.Store.Objects.Keys);
    }

    /// <summary>A sink that is about to sync a user and twenty more.</summary>
    private static void Begin(SinkBench bench, string user)
    {
        bench.Define("buyers");
        bench.Members("buyers", Enumerable.Range(0, 20).Select(index => ($"user-{index}", "")).Append((user, "")));
        bench.Start(SinkBench.Destination("buyers"), partBytesMax: PartBytes);
        bench.Settle();
    }

    /// <summary>Until neither has anything to do, but to try again what it is parked for.</summary>
    private static void TakeTurns(Random random, params SinkBench[] benches)
    {
        foreach (var bench in benches)
            bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        for (var quiet = 0; quiet < 20; quiet++)
        {
            var bench = benches[random.Next(benches.Length)];
            bench.Runner!.Turn(TimeSpan.Zero);
            if (bench.Runner.IsPublishing && !bench.Runner.IsParked)
                quiet = 0;
            Thread.Yield();
        }
    }
}
