using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>A compiled clause: a question to a profile, at its last instant, to which its ranges were slid.</summary>
internal abstract class Condition
{
    public abstract bool Holds(Profile profile, Scratch scratch);

    /// <summary>Says how the profile meets the condition.</summary>
    public abstract ExplainedClause Explain(Profile profile, Scratch scratch);

    /// <summary>What an explanation adds where not all that the behavior needs is remembered.</summary>
    protected static string NoteOn(RememberedEvents? events) => events?.IsApproximate == true ? " (approximate: older events were dropped)" : "";

    /// <summary>Names what can flip the condition.</summary>
    public abstract void AddNeeds(ConditionNeeds needs);
}
