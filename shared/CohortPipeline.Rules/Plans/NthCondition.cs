using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

/// <summary>Whether the n-th event ever lies in a range.</summary>
internal sealed class NthCondition(int behaviorSlot, int nth, EventRange range) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) =>
        profile.FindBehavior(behaviorSlot) is { } events && events.Count >= nth && range.Contains(events.Times[nth - 1], profile.LastInstant);

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, MeasureFunction.Count, Bound: null));
}
