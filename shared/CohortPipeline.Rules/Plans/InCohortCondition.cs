using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

/// <summary>Whether the profile is in another cohort, which was looked at before.</summary>
internal sealed class InCohortCondition(string cohortId, int cohortSlot) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) => profile.TryGetMembership(cohortSlot, out _);

    public override void AddNeeds(ConditionNeeds needs) => needs.Cohorts.Add(cohortId);
}
