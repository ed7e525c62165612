using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Evaluator;

/// <summary>The working objects of one lane: used for one profile after the other, so that a record allocates nothing.</summary>
/// <param name="rememberedEventsMax"><see cref="EvaluatorOptions.RememberedEventsMax"/>.</param>
internal sealed class LaneScratch(int rememberedEventsMax = Stepper.RememberedEventsDefault)
{
    public Stepper Stepper { get; } = new(rememberedEventsMax);

    public Profile Profile { get; } = new();

    public Transition Transition { get; } = new();

    public ByteWriter Bytes { get; } = new();
}
