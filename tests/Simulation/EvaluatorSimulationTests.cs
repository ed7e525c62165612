using CohortPipeline.TestKit;
using CohortPipeline.Tests.Simulation.Evaluator;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation;

/// <summary>
/// Whatever happens to processes, log and clock, the deltas and rows of a partition are a function of its records: the
/// oracle's. The method: made-up histories through real lanes, processors, stores and changelogs on a simulated Kafka, one
/// thread, troubles drawn from a seed. <c>SEED=n CASES=1</c> repeats a run; <c>make simulate</c> makes many more.
/// </summary>
public sealed class EvaluatorSimulationTests
{
    [Fact]
    public void Gives_the_oracles_deltas_when_all_goes_well() => TryRuns(200, FaultPlan.None);

    [Fact]
    public void Gives_the_oracles_deltas_in_whatever_trouble() => TryRuns(2_000, plan: null);

    private static void TryRuns(int runs, FaultPlan? plan)
    {
        foreach (var seed in Cases.Seeds(runs))
        {
            var result = EvaluatorRun.Run(seed, plan);
            if (result.Fault is not null)
                Assert.Fail(FailedRun.Tell(result, plan));
        }
    }
}
