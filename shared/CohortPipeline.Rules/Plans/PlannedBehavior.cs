using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Properties.Timed;

namespace CohortPipeline.Rules.Plans;

/// <summary>A behavior of a plan, with the cohorts that look at it, by their place in the plan.</summary>
/// <param name="Thresholds">One a function, of the bounds that cohorts hold it against.</param>
/// <param name="Cohorts">All that look at it.</param>
internal sealed record PlannedBehavior(int Slot, Behavior Behavior, BehaviorKind Kind, Thresholds[] Thresholds, int[] Cohorts);

/// <summary>A property's place in time that cohorts look at, by their place in the plan.</summary>
internal sealed record PlannedTimedTest(PropertyPath Path, TimedTest Test, int[] Cohorts);

/// <summary>A behavior that is the moment at which a property first was something.</summary>
internal sealed record PlannedMoment(int Slot, FirstMoment Memory);
