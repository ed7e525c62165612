using CohortPipeline.TestKit;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation;

/// <summary>
/// Whatever happens to processes, log and clock, the deltas and rows of a partition are a function of its records: the
/// oracle's; each of producers' records is in <c>activity</c> once; and a stream gets all of a destination's deltas, in order. The method: made-up histories through real lanes,
/// processors, stores and changelogs on a simulated Kafka, one thread, troubles drawn from a seed. <c>SEED=n CASES=1</c> repeats a run; <c>make simulate</c> makes many more.
/// </summary>
public sealed class SimulationTests
{
    [Fact]
    public void Everything_counts_once_when_all_goes_well() => TryRuns(200, FaultPlan.None);

    [Fact]
    public void Nothing_comes_again_where_processes_only_stop_in_good_order() => TryRuns(400, FaultPlan.CleanRebalances);

    [Fact]
    public void Everything_counts_once_in_whatever_trouble() => TryRuns(2_000, plan: null);

    [Fact]
    public void A_seed_is_the_same_run_each_time()
    {
        foreach (var seed in Cases.Seeds(40))
            Assert.Equal(SimulatedRun.Run(seed).Counts, SimulatedRun.Run(seed).Counts);
    }

    private static void TryRuns(int runs, FaultPlan? plan)
    {
        foreach (var seed in Cases.Seeds(runs))
        {
            var result = SimulatedRun.Run(seed, plan);
            if (result.Fault is not null)
                Assert.Fail(FailedRun.Tell(result, plan));
        }
    }
}
