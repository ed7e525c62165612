using CohortPipeline.Contracts;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>Whether the n-th event ever lies in a range.</summary>
internal sealed class NthCondition(int behaviorSlot, int nth, EventRange range, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) =>
        profile.FindBehavior(behaviorSlot) is { } events && events.Count >= nth && range.Contains(events.Times[nth - 1], profile.LastInstant);

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var events = profile.FindBehavior(behaviorSlot);
        var actual = events?.Count >= nth ? $"at {Instant.ToRfc3339(events.Times[nth - 1])}" : $"{events?.Count ?? 0} events so far";
        return ExplainedClause.Leaf(clause.Text, Holds(profile, scratch), actual + NoteOn(events), $"event {nth} in the range");
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, MeasureFunction.Count, Bound: null));
}
