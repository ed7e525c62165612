using System.Text.Json;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Behaviors.Sequences;

/// <summary>Every event that a run could still use, with the steps it can stand for: what a <c>sequence</c> needs.</summary>
internal sealed class StepEvents(SequenceShape shape) : EventMemory
{
    private readonly long _leastLatest = shape.LatestCompletions.Min();

    public override RememberedValue Value => RememberedValue.Steps;

    public override bool IsJudgedWhole => true;

    public override bool KeepsEveryEvent => true;

    public override bool IsUseful(in Occurrence occurrence, EventRange range, long instant) =>
        occurrence.Time < range.End && IsUseful(occurrence.Time, LatestOf(occurrence.Steps), range.FirstAt(instant));

    public override void Remember(RememberedEvents events, in Occurrence occurrence) =>
        events.Insert(occurrence.Time, occurrence.Hash, occurrence.Steps);

    /// <summary>Forgets events of which every run has completed before the range.</summary>
    public override void Slide(RememberedEvents events, EventRange range, long instant)
    {
        var first = range.FirstAt(instant);
        if (events.Count == 0 || IsUseful(events.Oldest, _leastLatest, first))
            return;
        for (var i = events.Count - 1; i >= 0; i--)
        {
            if (!IsUseful(events.Times[i], LatestOf((uint)events.Values[i]), first))
                events.RemoveAt(i);
        }
    }

    public override long NextSlide(RememberedEvents events, EventRange range)
    {
        var next = EventRange.Never;
        for (var i = 0; i < events.Count; i++)
        {
            if (LatestOf((uint)events.Values[i]) is not EventRange.Never and var latest)
                next = Math.Min(next, range.LeavesAt(events.Times[i] + latest));
        }

        return next;
    }

    public override long NextFlip(RememberedEvents events, BehaviorKind kind, long instant, Scratch scratch) =>
        scratch.Runs.Find(shape, events, kind.Range, instant).NextFlip;

    public override void WriteKey(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("sequence"u8);
        shape.WriteMembers(writer);
        writer.WriteEndObject();
    }

    private static bool IsUseful(long time, long latestCompletion, long first) => latestCompletion == EventRange.Never || time + latestCompletion >= first;

    private long LatestOf(uint steps)
    {
        var latest = 0L;
        for (var step = 0; step < shape.LatestCompletions.Length; step++)
        {
            if ((steps & (1u << step)) != 0)
                latest = Math.Max(latest, shape.LatestCompletions[step]);
        }

        return latest;
    }
}
