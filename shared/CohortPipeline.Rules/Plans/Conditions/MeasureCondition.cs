using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Explain;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Plans.Conditions;

/// <summary>A measure of what is remembered of a behavior, against a bound.</summary>
internal sealed class MeasureCondition(int behaviorSlot, MeasureFunction function, Bound bound, Clause clause) : Condition
{
    public override bool Holds(Profile profile, Scratch scratch) =>
        bound.Holds((profile.FindBehavior(behaviorSlot)?.Tally ?? default).Value(function));

    public override ExplainedClause Explain(Profile profile, Scratch scratch)
    {
        var events = profile.FindBehavior(behaviorSlot);
        var value = (events?.Tally ?? default).Value(function);
        // Of what is counted no more is remembered than decides the bound.
        var isCapped = function == MeasureFunction.Count && value.Total == bound.CountNeeded;
        var actual = $"{(isCapped ? "at least " : "")}{NumberUnit.Describe(value, function)}{NoteOn(events)}";
        return ExplainedClause.Leaf(clause.Text, bound.Holds(value), actual, bound.Describe(function));
    }

    public override void AddNeeds(ConditionNeeds needs) => needs.Behaviors.Add(new(behaviorSlot, function, bound));
}
