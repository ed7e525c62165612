using CohortPipeline.Rules.Behaviors;

namespace CohortPipeline.Rules.Plans;

/// <summary>What can flip a condition: bounds on behaviors, and properties by the names that their paths start with.</summary>
internal sealed class ConditionNeeds
{
    public List<(int BehaviorSlot, CountBound Bound)> Bounds { get; } = [];

    public HashSet<byte[]> PropertyNames { get; } = new(Utf8Comparer.Instance);
}
