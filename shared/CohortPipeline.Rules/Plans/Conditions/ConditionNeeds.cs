using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Properties.Timed;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>What can flip a condition: behaviors with their bounds, properties by the names that their paths start with, other cohorts, time itself.</summary>
internal sealed class ConditionNeeds
{
    /// <summary>In the order in which the definition names them.</summary>
    public List<BehaviorUse> Behaviors { get; } = [];

    public HashSet<byte[]> PropertyNames { get; } = new(Utf8Comparer.Instance);

    public List<(PropertyPath Path, TimedTest Test)> Timed { get; } = [];

    public HashSet<string> Cohorts { get; } = new(StringComparer.Ordinal);

    public void Add(PropertyPath path)
    {
        PropertyNames.Add(path.WholeName);
        PropertyNames.Add(path.Segments[0]);
    }
}

/// <summary>A behavior that a condition looks at, and the bound of it; null where the behavior is judged whole.</summary>
internal sealed record BehaviorUse(int Slot, MeasureFunction Function, Bound? Bound);
