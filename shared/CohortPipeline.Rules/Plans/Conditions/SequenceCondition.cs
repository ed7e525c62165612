using CohortPipeline.Rules.Behaviors.Sequences;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>Whether some run of a sequence completed in a range.</summary>
internal sealed class SequenceCondition(int behaviorSlot, SequenceShape shape, EventRange range, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) =>
        profile.FindBehavior(behaviorSlot) is { } events && scratch.Runs.Find(shape, events, range, profile.LastInstant).Holds;

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var holds = Holds(profile, scratch);
        var events = profile.FindBehavior(behaviorSlot);
        return ExplainedClause.Leaf(clause.Text, holds, (holds ? "a run completed" : $"no run completed, of {events?.Count ?? 0} events") + NoteOn(events), "a run completed in the range");
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, MeasureFunction.Count, Bound: null));
}
