using System.Collections.Immutable;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a property of the profile is now.</summary>
internal sealed class PropertyCondition(PropertyPath path, ImmutableArray<ValueTest> tests) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch)
    {
        scratch.Candidates.Resolve(path, profile.Properties);
        return ValueTest.AllHold(tests, scratch.Candidates);
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Add(path);
}
