using CohortPipeline.Sinks;
using CohortPipeline.Tests.Simulation.Delivery;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>
/// Goal: a shard that takes a trickle does not slow the others down until the span or the budget is full; then reading stops,
/// and nothing is lost or disordered. Method: the real loop, eight shards, a clock of its own; counts of one run with a slow shard against one without.
/// </summary>
public sealed class ShardIsolationTests
{
    private const int Users = 4_000;
    private const double Trickle = 2;

    /// <summary>Everything is learned by then: which shards there are, and that one of them is slow.</summary>
    private const double From = 2;

    private const double Until = 6;

    [Theory]
    [InlineData(SpanIsFull, 4_096, 1L << 40)]
    [InlineData(BudgetIsFull, AcceptedAhead.SpanMax, 4L << 20)]
    public void A_shard_that_takes_a_trickle_costs_the_others_nothing_until_there_is_no_room(string bound, int spanMax, long budgetBytes)
    {
        var options = new SinkOptions { SpanMax = spanMax, BudgetBytes = budgetBytes };
        using var undisturbed = new ScriptedDestination(options, Users, rounds: 10);
        var rate = StoredBeside(undisturbed, From, Until);
        Assert.InRange(rate, 0.95 * (Until - From) * (ScriptedShards.Count - 1) * ScriptedDestination.ShardRecordsPerSecond, double.MaxValue);

        using var throttled = new ScriptedDestination(options, Users, rounds: 10);
        throttled.Stream.SlowRate = Trickle;
        Assert.InRange(StoredBeside(throttled, From, Until), 0.95 * rate, 1.05 * rate);
        Assert.InRange(throttled.Stream.StoredIn(ScriptedShards.Slow), 1, 4 * Until * Trickle);

        // No room: the others stand still, too, but for what the trickle makes room for, long before the end.
        throttled.RunUntil(60);
        var standing = throttled.Stream.StoredBeside;
        throttled.RunUntil(70);
        Assert.InRange(throttled.Stream.StoredBeside - standing, 0, 0.2 * rate);
        Assert.InRange(throttled.Stream.Stored, 1, throttled.Deltas - 10_000);
        Assert.InRange(throttled.Report.Counts.InFlight, 1, bound == SpanIsFull ? 4 * spanMax : budgetBytes / 300);

        throttled.Stream.SlowRate = null;
        throttled.RunToEnd(secondsMax: 300);
        Assert.Equal(throttled.Deltas, throttled.Stream.Stored);
        Assert.Empty(throttled.Stream.Disorders);
        Assert.Equal(new SinkCounts(throttled.Deltas, throttled.Deltas, 0, 0, 0), throttled.Report.Counts);
    }

    private const string SpanIsFull = "the span is full";
    private const string BudgetIsFull = "the budget is full";

    private static int StoredBeside(ScriptedDestination destination, double from, double until)
    {
        destination.RunUntil(from);
        var before = destination.Stream.StoredBeside;
        destination.RunUntil(until);
        return destination.Stream.StoredBeside - before;
    }
}
