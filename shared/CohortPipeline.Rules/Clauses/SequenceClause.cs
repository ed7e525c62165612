using System.Text.Json;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Sequences;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Clauses;

/// <summary>Events in order, each perhaps soon after the one before it, the last step perhaps that something does not come.</summary>
public sealed class SequenceClause : Clause
{
    private const string Steps = "steps";
    private const string Span = "span";
    private const string Within = "within";
    private const string Not = "not";

    private static readonly Vocabulary Fields = new([Steps, Span, .. RangeReader.OfCompletions]);
    private static readonly Vocabulary NotFields = new(EventMatchReader.Fields);
    private static readonly Vocabulary StepFields = new([.. EventMatchReader.Fields, Within, Not]);

    private readonly SequenceShape _shape;
    private readonly EventRange _range;

    private SequenceClause(SequenceShape shape, EventRange range)
    {
        _shape = shape;
        _range = range;
    }

    internal SequenceShape Shape => _shape;

    internal static SequenceClause? Read(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Members("an object with `steps`") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        Fields.RefuseUnknown(cursor, members);
        var range = RangeReader.Read(cursor, [.. members.Where(member => RangeReader.OfCompletions.Contains(member.Name))], calendar);
        var span = members.FirstOrDefault(member => member.Name == Span) is { } named ? Duration.Read(cursor.Member(named)) : EventRange.Never;
        List<SequenceStep> positive = [];
        SequenceStep? absent = null;
        if (members.FirstOrDefault(member => member.Name == Steps) is { } list)
            absent = ReadSteps(cursor.Member(list), positive);
        else
            cursor.Error("no `steps`", $"a list of {DefinitionLimits.SequenceStepsMin} to {DefinitionLimits.SequenceStepsMax} steps");
        return cursor.ErrorCount == errorsBefore ? new(new([.. positive], absent, span!.Value), range!) : null;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("sequence"u8);
        _shape.WriteMembers(writer);
        _range.Write(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context)
    {
        var matches = _shape.Steps.Select(step => step.Match);
        var all = _shape.Absent is { } absent ? matches.Append(absent.Match) : matches;
        return new SequenceCondition(context.Behaviors.Take(new([.. all], _range, new StepEvents(_shape))), _shape, _range, this);
    }

    /// <summary>Adds the positive steps, and answers a last <c>not</c> step.</summary>
    private static SequenceStep? ReadSteps(Cursor cursor, List<SequenceStep> positive)
    {
        if (cursor.Items($"a list of {DefinitionLimits.SequenceStepsMin} to {DefinitionLimits.SequenceStepsMax} steps", DefinitionLimits.SequenceStepsMin, DefinitionLimits.SequenceStepsMax) is not { } items)
            return null;
        SequenceStep? absent = null;
        for (var i = 0; i < items.Count; i++)
        {
            var step = cursor.Item(i);
            if (step.Members("a step: an object with `event`, or a last one with `not`") is not { } members)
                continue;
            StepFields.RefuseUnknown(step, members);
            var within = ReadWithin(step, members, isFirst: i == 0);
            if (members.FirstOrDefault(member => member.Name == Not) is not { } not)
            {
                if (EventMatchReader.Read(step, members) is { } match)
                    positive.Add(new(match, within));
            }
            else if (i < items.Count - 1 || i == 0)
            {
                step.Error(not.Line, not.Column, "a `not` step", "`not` as the last step only");
            }
            else
            {
                absent = ReadAbsent(step, members, not, within);
            }
        }

        return absent;
    }

    private static long ReadWithin(Cursor step, IReadOnlyList<SourceMember> members, bool isFirst)
    {
        if (members.FirstOrDefault(member => member.Name == Within) is not { } within)
            return EventRange.Never;
        if (isFirst)
            step.Error(within.Line, within.Column, "`within` in the first step", "no `within`: there is no step before it");
        return Duration.Read(step.Member(within)) ?? EventRange.Never;
    }

    private static SequenceStep? ReadAbsent(Cursor step, IReadOnlyList<SourceMember> members, SourceMember not, long within)
    {
        foreach (var extra in members.Where(member => EventMatchReader.Fields.Contains(member.Name)))
            step.Error(extra.Line, extra.Column, $"`{extra.Name}` beside `not`", "a `not` step holds its `event` and `where` inside of `not`");
        if (members.All(member => member.Name != Within))
            step.Error("no `within`", "how long the event must not come, such as 2h");
        var value = step.Member(not);
        if (value.Members("an object with `event`") is not { } inner)
            return null;
        NotFields.RefuseUnknown(value, inner);
        return EventMatchReader.Read(value, inner) is { } match ? new(match, within) : null;
    }
}
