using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

/// <summary>A measure of what is remembered of a behavior, against a bound.</summary>
internal sealed class MeasureCondition(int behaviorSlot, MeasureFunction function, Bound bound) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) =>
        bound.Holds((profile.FindBehavior(behaviorSlot)?.Tally ?? default).Value(function));

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, function, bound));
}
