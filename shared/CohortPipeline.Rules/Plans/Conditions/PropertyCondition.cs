using System.Collections.Immutable;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>What a property of the profile is now.</summary>
internal sealed class PropertyCondition(PropertyPath path, ImmutableArray<ValueTest> tests, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch)
    {
        scratch.Candidates.Resolve(path, profile.Properties);
        return ValueTest.AllHold(tests, scratch.Candidates);
    }

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var holds = Holds(profile, scratch);
        return ExplainedClause.Leaf(clause.Text, holds, scratch.Candidates.Describe(), CanonicalJson.ToText(writer =>
        {
            writer.WriteStartObject();
            foreach (var test in tests)
                test.Write(writer);
            writer.WriteEndObject();
        }));
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Add(path);
}
