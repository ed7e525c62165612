using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

/// <summary>How many events of a behavior are in its range.</summary>
internal sealed class CountCondition(int behaviorSlot, CountBound bound) : Condition
{
    public override bool Holds(Profile profile, Candidates scratch) => bound.Holds(profile.CountOf(behaviorSlot));

    public override void AddNeeds(ConditionNeeds needs) => needs.Bounds.Add((behaviorSlot, bound));
}
