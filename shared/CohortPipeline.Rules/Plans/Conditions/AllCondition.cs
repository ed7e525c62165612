using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

internal sealed class AllCondition(Condition[] entries) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch)
    {
        foreach (var entry in entries)
        {
            if (!entry.Holds(profile, scratch))
                return false;
        }

        return true;
    }

    public override ExplainedClause Explain(Profile profile, Scratch scratch) =>
        ExplainedClause.Over("all", Holds(profile, scratch), entries.Select(entry => entry.Explain(profile, scratch)));

    public override void AddNeeds(ConditionNeeds needs)
    {
        foreach (var entry in entries)
            entry.AddNeeds(needs);
    }
}
