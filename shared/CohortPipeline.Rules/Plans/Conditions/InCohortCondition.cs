using CohortPipeline.Contracts;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>Whether the profile is in another cohort, which was looked at before.</summary>
internal sealed class InCohortCondition(string cohortId, int cohortSlot, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) => profile.TryGetMembership(cohortSlot, out _);

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var isIn = profile.TryGetMembership(cohortSlot, out var membership);
        return ExplainedClause.Leaf(clause.Text, isIn, isIn ? $"a member since {Instant.ToRfc3339(membership.EnteredAt)}" : "not a member", $"a member of {cohortId}");
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Cohorts.Add(cohortId);
}
