using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

/// <summary>A compiled clause: a question to a profile whose ranges were slid to the instant of evaluation.</summary>
internal abstract class Condition
{
    public abstract bool Holds(Profile profile, Candidates scratch);

    /// <summary>Names what can flip the condition.</summary>
    public abstract void AddNeeds(ConditionNeeds needs);
}
