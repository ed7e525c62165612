using CohortPipeline.Sinks;
using CohortPipeline.Tests.Simulation.Delivery;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>
/// Goal: a destination that is down for ten minutes costs no more memory than the budget, few calls, and nothing that was to
/// be delivered. Method: the real loop on a clock of its own, a backlog that fills the budget several times over.
/// </summary>
public sealed class OutageTests
{
    private const int Users = 4_000;
    private const long BudgetBytes = 4 << 20;

    [Fact]
    public void A_destination_that_is_down_for_ten_minutes_is_parked_in_a_full_budget_and_then_caught_up()
    {
        using var destination = new ScriptedDestination(new() { BudgetBytes = BudgetBytes }, Users, rounds: 10);
        destination.RunUntil(2);
        var before = destination.Stream.Stored;
        Assert.InRange(before, 1, destination.Deltas / 2);

        destination.Stream.IsDown = true;
        destination.RunUntil(60);
        var (held, calls) = (destination.HeldBytes, destination.Stream.Calls);
        // Reading goes on below half of the budget: it stopped somewhere between.
        Assert.InRange(held, BudgetBytes / 2, BudgetBytes);
        Assert.Equal(SinkState.Parked, destination.Report.State);
        Assert.StartsWith("InternalFailure", destination.Report.Reason, StringComparison.Ordinal);
        destination.RunUntil(600);
        Assert.Equal(held, destination.HeldBytes);

        // Full jitter up to 60 s: half a minute between calls on average.
        Assert.InRange(destination.Stream.Calls - calls, 5, 60);
        Assert.Equal(before, destination.Stream.Stored);

        destination.Stream.IsDown = false;
        destination.RunToEnd(secondsMax: 300);
        Assert.Equal(SinkState.Live, destination.Report.State);
        Assert.Equal(destination.Deltas, destination.Stream.Stored);
        Assert.Empty(destination.Stream.Disorders);
        Assert.Equal(new SinkCounts(destination.Deltas, destination.Deltas, 0, 0, 0), destination.Report.Counts);
    }
}
