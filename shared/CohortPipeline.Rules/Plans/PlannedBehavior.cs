using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Properties.Timed;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Plans;

/// <summary>A behavior of a plan, with the cohorts that look at it, by their place in the plan.</summary>
internal sealed class PlannedBehavior(int slot, Behavior behavior, Thresholds[] thresholds, int[] cohorts)
{
    public int Slot => slot;

    public Behavior Behavior => behavior;

    /// <summary>The behavior's own, nearer at hand.</summary>
    public EventMemory Memory { get; } = behavior.Memory;

    /// <summary>Likewise.</summary>
    public EventRange Range { get; } = behavior.Range;

    /// <summary>One a function, of the bounds that cohorts hold it against.</summary>
    public Thresholds[] Thresholds => thresholds;

    /// <summary>All that look at it.</summary>
    public int[] Cohorts => cohorts;
}

/// <summary>A property's place in time that cohorts look at, by their place in the plan.</summary>
internal sealed record PlannedTimedTest(PropertyPath Path, TimedTest Test, int[] Cohorts);

/// <summary>A behavior that is the moment at which a property first was something.</summary>
internal sealed record PlannedMoment(int Slot, FirstMoment Memory);
