using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

internal sealed class NotCondition(Condition entry) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) => !entry.Holds(profile, scratch);

    public override ExplainedClause Explain(Profile profile, Scratch scratch) =>
        ExplainedClause.Over("not", Holds(profile, scratch), [entry.Explain(profile, scratch)]);

    public override void AddNeeds(ConditionNeeds needs) => entry.AddNeeds(needs);
}
