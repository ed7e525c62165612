using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

internal sealed class NotCondition(Condition entry) : Condition
{
    public override bool Holds(Profile profile, Candidates scratch) => !entry.Holds(profile, scratch);

    public override void AddNeeds(ConditionNeeds needs) => entry.AddNeeds(needs);
}
