using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

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

    public override void AddNeeds(ConditionNeeds needs)
    {
        foreach (var entry in entries)
            entry.AddNeeds(needs);
    }
}
