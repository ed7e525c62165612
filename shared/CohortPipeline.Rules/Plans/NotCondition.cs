using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

internal sealed class NotCondition(Condition entry) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) => !entry.Holds(profile, scratch);

    public override void AddNeeds(ConditionNeeds needs) => entry.AddNeeds(needs);
}
