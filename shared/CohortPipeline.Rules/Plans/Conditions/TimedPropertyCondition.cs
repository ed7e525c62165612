using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Properties.Timed;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>Where a property of the profile stands in time.</summary>
internal sealed class TimedPropertyCondition(PropertyPath path, TimedTest test, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch)
    {
        scratch.Candidates.Resolve(path, profile.Properties);
        return test.Holds(scratch.Candidates, profile.LastInstant);
    }

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var holds = Holds(profile, scratch);
        return ExplainedClause.Leaf(clause.Text, holds, scratch.Candidates.Describe(), test.Text);
    }

    public override void AddNeeds(ConditionNeeds needs)
    {
        needs.Add(path);
        needs.Timed.Add((path, test));
    }
}
