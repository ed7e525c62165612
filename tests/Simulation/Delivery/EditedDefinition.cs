using CohortPipeline.Sinks;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>A destination's definition as it stands, edited now and then.</summary>
internal sealed class EditedDefinition(SimulatedWorld world, IReadOnlyList<KinesisDestination> definitions) : IActor
{
    private const int StepsBetween = 40;

    /// <summary>How often it was edited so far.</summary>
    public int Edits { get; private set; }

    public KinesisDestination Now => definitions[Edits];

    public void Step()
    {
        if (Edits == definitions.Count - 1 || !(world.IsCalm || world.Chance(1, StepsBetween)))
            return;
        Edits++;
        world.Note($"the destination's cohorts are {(Now.Cohorts.IsAll ? "all" : string.Join(", ", Now.Cohorts.Ids))} now");
    }
}
