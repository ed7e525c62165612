using System.Collections.Immutable;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a plan does with events of one type.</summary>
internal sealed class EventPlan(ImmutableArray<PlannedMatch> matches)
{
    public ImmutableArray<PlannedMatch> Matches { get; } = matches;

    /// <summary>Some filter or measure looks at the event's properties.</summary>
    public bool UsesProperties { get; } = matches.Any(match =>
        match.Behavior.Behavior.Memory.Of is { IsInContext: false } || match.Steps.Any(step => step.Match.Where.UsesProperties));

    /// <summary>Some filter or measure looks at the event's context.</summary>
    public bool UsesContext { get; } = matches.Any(match =>
        match.Behavior.Behavior.Memory.Of is { IsInContext: true } || match.Steps.Any(step => step.Match.Where.UsesContext));
}
