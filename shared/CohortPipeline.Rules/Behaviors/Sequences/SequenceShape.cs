using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Behaviors.Sequences;

/// <summary>The steps of a sequence and how far apart they may be. Steps are told apart by bits: one for each positive step, in order, and the next for a last <c>not</c>.</summary>
/// <param name="Steps">The positive ones.</param>
/// <param name="Absent">A last <c>not</c> step; null for none.</param>
/// <param name="Span">First to last positive step less than so many milliseconds; <see cref="EventRange.Never"/> for no bound.</param>
internal sealed record SequenceShape(ImmutableArray<SequenceStep> Steps, SequenceStep? Absent, long Span)
{
    public int StepCount => Steps.Length;

    public uint AbsentBit => 1u << Steps.Length;

    /// <summary>From the last positive step to the completion.</summary>
    public long CompletionDelay => Absent?.Within ?? 0;

    /// <summary>By bit: how long after an event that stands for that step a run can complete, or be kept from it, at the latest.</summary>
    public ImmutableArray<long> LatestCompletions { get; } = Latest(Steps, Absent, Span);

    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("steps"u8);
        foreach (var step in Steps)
        {
            writer.WriteStartObject();
            step.WriteMembers(writer);
            writer.WriteEndObject();
        }

        if (Absent is not null)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("not"u8);
            Absent.Match.WriteMembers(writer);
            writer.WriteEndObject();
            writer.WriteString("within"u8, Duration.ToText(Absent.Within));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (Span != EventRange.Never)
            writer.WriteString("span"u8, Duration.ToText(Span));
    }

    private static ImmutableArray<long> Latest(ImmutableArray<SequenceStep> steps, SequenceStep? absent, long span)
    {
        var delay = absent?.Within ?? 0;
        var latest = new List<long>();
        var toLast = 0L;
        for (var step = steps.Length - 1; step >= 0; step--)
        {
            var bounded = Math.Min(toLast, span == EventRange.Never ? EventRange.Never : span - 1);
            latest.Insert(0, bounded == EventRange.Never ? EventRange.Never : bounded + delay);
            toLast = toLast == EventRange.Never || steps[step].Within == EventRange.Never ? EventRange.Never : toLast + steps[step].Within - 1;
        }

        if (absent is not null)
            latest.Add(delay);
        return [.. latest];
    }
}

/// <param name="Within">Less than so many milliseconds after the step before it; <see cref="EventRange.Never"/> for no bound.</param>
internal sealed record SequenceStep(EventMatch Match, long Within)
{
    public void WriteMembers(Utf8JsonWriter writer)
    {
        Match.WriteMembers(writer);
        if (Within != EventRange.Never)
            writer.WriteString("within"u8, Duration.ToText(Within));
    }
}
