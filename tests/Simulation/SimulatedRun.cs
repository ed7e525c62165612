using CohortPipeline.Tests.Simulation.Delivery;
using CohortPipeline.Tests.Simulation.Evaluator;
using CohortPipeline.Tests.Simulation.Ingest;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation;

/// <summary>The run of a seed: half are evaluators', of the others most a sink's and a few ingest's.</summary>
internal static class SimulatedRun
{
    private const int Kinds = 8;

    /// <summary>Runs a seed; told again with a journal, it is the same run.</summary>
    /// <param name="plan">What goes wrong; null: what the seed draws.</param>
    public static RunResult Run(int seed, FaultPlan? plan = null, Journal? journal = null) =>
        (seed % Kinds) switch
        {
            0 => IngestRun.Run(seed, plan, journal),
            1 or 3 => DeliveryRun.Run(seed, plan, journal),
            5 => DeliveryRun.Run(seed, plan, journal, isPeriodic: true),
            _ => EvaluatorRun.Run(seed, plan, journal),
        };
}
