using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation;

/// <summary>Tells a run that failed: its fault, and by running it again what led there.</summary>
internal static class FailedRun
{
    public static string Tell(RunResult failed, FaultPlan? plan = null)
    {
        var journal = new Journal();
        var again = SimulatedRun.Run(failed.Seed, plan, journal);
        var doubt = HeadOf(again) == HeadOf(failed) ? "" : "\n(Run again it ended in another way: something in it is not drawn from the seed.)";
        return $"seed {failed.Seed} fails; make simulate SEED={failed.Seed} RUNS=1 repeats it.{doubt}\n{journal}\n{failed.Fault}";
    }

    /// <summary>What happened, without the stack behind it: that depends on what the runtime has compiled by then.</summary>
    private static string? HeadOf(RunResult result) => result.Fault?.Split('\n')[0];
}
