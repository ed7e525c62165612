using System.Collections.Immutable;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a plan does with events of one type.</summary>
internal sealed class EventPlan(ImmutableArray<PlannedBehavior> behaviors)
{
    public ImmutableArray<PlannedBehavior> Behaviors { get; } = behaviors;

    /// <summary>Some filter looks at the event's properties.</summary>
    public bool UsesProperties { get; } = behaviors.Any(behavior => behavior.Behavior.Where.UsesProperties);

    /// <summary>Some filter looks at the event's context.</summary>
    public bool UsesContext { get; } = behaviors.Any(behavior => behavior.Behavior.Where.UsesContext);
}
