using CohortPipeline.Rules.Behaviors;

namespace CohortPipeline.Rules.Plans;

/// <summary>A behavior of a plan, with the bounds that cohorts hold it against.</summary>
internal sealed class PlannedBehavior(int slot, Behavior behavior, int filter, Threshold[] thresholds)
{
    public int Slot { get; } = slot;

    public Behavior Behavior { get; } = behavior;

    /// <summary>Place of its filter among the plan's filters, so that a filter is asked once a record.</summary>
    public int Filter { get; } = filter;

    public Threshold[] Thresholds { get; } = thresholds;
}

/// <summary>Counts for which a bound holds, and the cohorts that ask for it, by their place in the plan.</summary>
internal sealed record Threshold(int Least, int Greatest, int[] Cohorts)
{
    public bool Holds(int count) => count >= Least && count <= Greatest;
}
