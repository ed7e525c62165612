using CohortPipeline.Contracts;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>Whether a property once was something: whether the moment is remembered.</summary>
internal sealed class EverWasCondition(int behaviorSlot, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) => profile.FindBehavior(behaviorSlot) is not null;

    public override ExplainedClause Explain(Profile profile, Scratch scratch) =>
        profile.FindBehavior(behaviorSlot) is { } moment
            ? ExplainedClause.Leaf(clause.Text, true, $"since {Instant.ToRfc3339(moment.Times[0])}", "ever")
            : ExplainedClause.Leaf(clause.Text, false, "never yet", "ever");

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, MeasureFunction.Count, Bound.AtLeastOne));
}
