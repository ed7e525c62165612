using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Clauses;

/// <summary>A measure of matching events in a range, held against a bound; or <c>nth: n</c>, whether the n-th matching event ever lies in the range.</summary>
public sealed class DidClause : Clause
{
    private const string Nth = "nth";

    private static readonly ImmutableArray<string> MeasureNames = [.. MeasureReader.Names, Nth];
    private static readonly Vocabulary Fields = new([.. EventMatchReader.Fields, .. RangeReader.OfEvents, .. MeasureNames]);
    private static readonly Measure AnyEvent = new("count", new NewestEvents(1), MeasureFunction.Count, Bound.AtLeastOne);

    private readonly EventMatch _match;
    private readonly EventRange _range;
    private readonly Measure? _measure;
    private readonly int _nth;

    /// <param name="measure">Null for <paramref name="nth"/>.</param>
    private DidClause(EventMatch match, EventRange range, Measure? measure, int nth)
    {
        _match = match;
        _range = range;
        _measure = measure;
        _nth = nth;
    }

    public EventMatch Match => _match;

    public EventRange Range => _range;

    /// <summary>What the measure is held against; null for <c>nth</c>.</summary>
    public Bound? Bound => _measure?.Bound;

    internal Measure? Measure => _measure;

    internal static DidClause? Read(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Members($"an object with `event` and perhaps {Fields.Expectation}") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        Fields.RefuseUnknown(cursor, members);
        var match = EventMatchReader.Read(cursor, members);
        var range = RangeReader.Read(cursor, [.. members.Where(member => RangeReader.OfEvents.Contains(member.Name))], calendar);
        var measures = members.Where(member => MeasureNames.Contains(member.Name)).ToList();
        if (measures.Count > 1)
            cursor.Error(measures[1].Line, measures[1].Column, $"`{measures[1].Name}` beside `{measures[0].Name}`", "one measure");
        var measure = measures.Count == 0 ? AnyEvent : null;
        int? nth = 0;
        foreach (var member in measures)
        {
            if (member.Name == Nth)
                nth = WholeNumber.Read(cursor.Member(member), 1, DefinitionLimits.NthMax);
            else
                measure = MeasureReader.Read(cursor, member, range ?? EventRange.Ever, calendar);
        }

        return cursor.ErrorCount == errorsBefore ? new(match!, range!, measure, nth!.Value) : null;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("did"u8);
        _match.WriteMembers(writer);
        _range.Write(writer);
        if (_measure is null)
            writer.WriteNumber(Nth, _nth);
        else
            _measure.Write(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context)
    {
        if (_measure is null)
            return new NthCondition(context.Behaviors.Take(new([_match], _range, new OldestEvents(_nth))), _nth, _range, this);
        return new MeasureCondition(context.Behaviors.Take(new([_match], _range, _measure.Memory)), _measure.Function, _measure.Bound, this);
    }
}
