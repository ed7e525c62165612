using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

internal sealed class AnyCondition(Condition[] entries) : Condition
{
    public override bool Holds(Profile profile, Candidates scratch)
    {
        foreach (var entry in entries)
        {
            if (entry.Holds(profile, scratch))
                return true;
        }

        return false;
    }

    public override void AddNeeds(ConditionNeeds needs)
    {
        foreach (var entry in entries)
            entry.AddNeeds(needs);
    }
}
