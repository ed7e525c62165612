using CohortPipeline.Tests.Simulation.Evaluator;
using CohortPipeline.Tests.Simulation.Ingest;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation;

/// <summary>The run of a seed: most are evaluators', one in a few is ingest's.</summary>
internal static class SimulatedRun
{
    private const int IngestEvery = 8;

    /// <summary>Runs a seed; told again with a journal, it is the same run.</summary>
    /// <param name="plan">What goes wrong; null: what the seed draws.</param>
    public static RunResult Run(int seed, FaultPlan? plan = null, Journal? journal = null) =>
        seed % IngestEvery == 0 ? IngestRun.Run(seed, plan, journal) : EvaluatorRun.Run(seed, plan, journal);
}
