using System.Text.Json;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Behaviors.Memories;

/// <summary>Every event in range with its number: what <c>sum</c>, <c>avg</c>, <c>min</c> and <c>max</c> need.</summary>
/// <param name="of">The numeric property.</param>
/// <param name="folds">What is too old to be remembered is folded into an exact total: nothing leaves the range.</param>
internal sealed class EveryValue(PropertyPath of, bool folds) : EventMemory
{
    public override PropertyPath Of => of;

    public override RememberedValue Value => RememberedValue.Number;

    public override bool KeepsEveryEvent => true;

    public override bool IsUseful(in Occurrence occurrence, EventRange range, long instant) =>
        TryMeasure(occurrence.Values, out _) && base.IsUseful(occurrence, range, instant);

    public override void Remember(RememberedEvents events, in Occurrence occurrence)
    {
        if (TryMeasure(occurrence.Values, out var billionths))
            events.Insert(occurrence.Time, occurrence.Hash, billionths);
    }

    public override long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch) => NextSlide(events, kind.Range);

    public override void DropOldest(RememberedEvents events)
    {
        if (folds)
            events.FoldOldest();
        else
            base.DropOldest(events);
    }

    public override void WriteKey(Utf8JsonWriter writer) => writer.WriteString("every_value_of"u8, of.Text);

    private static bool TryMeasure(Candidates values, out Int128 billionths)
    {
        billionths = 0;
        return !values.IsList && values.Count == 1 && values.TryNumber(0, out var number) && NumberUnit.TryMeasure(number, out billionths);
    }
}
