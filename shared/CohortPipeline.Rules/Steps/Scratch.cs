using CohortPipeline.Rules.Behaviors.Sequences;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>Memory that evaluation works in, used again and again.</summary>
internal sealed class Scratch
{
    public Candidates Candidates { get; } = new();

    public SequenceRuns Runs { get; } = new();
}
