using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Plans.Conditions;
using CohortPipeline.Rules.Properties.Timed;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Clauses;

/// <summary>The profile's property as it is now, where it stands in time, or what it once was; all that is asked must hold.</summary>
public sealed class PropertyClause : Clause
{
    private const string Name = "name";
    internal const string EverWas = "ever_was";

    private readonly ImmutableArray<TimedTest> _timed;

    private PropertyClause(PropertyPath path, ImmutableArray<ValueTest> tests, ImmutableArray<TimedTest> timed, ImmutableArray<ValueTest> once)
    {
        Path = path;
        Tests = tests;
        _timed = timed;
        OnceTests = once;
    }

    public PropertyPath Path { get; }

    /// <summary>Of the value now.</summary>
    public ImmutableArray<ValueTest> Tests { get; }

    /// <summary>Of the value at some time.</summary>
    public ImmutableArray<ValueTest> OnceTests { get; }

    internal static PropertyClause? Read(Cursor cursor, ZoneCalendar calendar)
    {
        if (cursor.Members("an object with `name` and an operator") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        PropertyPath? path = null;
        if (members.FirstOrDefault(member => member.Name == Name) is not { } named)
            cursor.Error("no `name`", "the path of a profile property");
        else if (cursor.Member(named) is var name && name.Text("the path of a profile property, a text") is { } text)
            path = PropertyPath.Read(name, text, PathScope.Profile);

        var timed = members.Where(member => TimedTestReader.Names.Contains(member.Name)).Select(member => TimedTestReader.Read(cursor.Member(member), member.Name, calendar)).OfType<TimedTest>().ToList();
        ImmutableArray<ValueTest> once = [];
        if (members.FirstOrDefault(member => member.Name == EverWas) is { } ever && cursor.Member(ever) is var inner && inner.Members("an object of operators") is { } operators)
            once = OperatorTable.OfEvents.ReadAll(inner, operators);
        var others = members.Where(member => member.Name is not (Name or EverWas) && !TimedTestReader.Names.Contains(member.Name)).ToList();
        var isOnlyInTime = others.Count == 0 && members.Any(member => member.Name != Name);
        var tests = isOnlyInTime ? [] : OperatorTable.OfProfile.ReadAll(cursor, others);
        return cursor.ErrorCount == errorsBefore ? new(path!, tests, [.. timed.OrderBy(test => TimedTestReader.Names.IndexOf(test.Name))], once) : null;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("property"u8);
        writer.WriteString(Name, Path.Text);
        foreach (var test in Tests)
            test.Write(writer);
        foreach (var test in _timed)
            test.Write(writer);
        if (!OnceTests.IsEmpty)
        {
            writer.WriteStartObject(EverWas);
            foreach (var test in OnceTests)
                test.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal override Condition Compile(CompileContext context)
    {
        List<Condition> conditions = [];
        if (!Tests.IsEmpty)
            conditions.Add(new PropertyCondition(Path, Tests, this));
        foreach (var test in _timed)
            conditions.Add(new TimedPropertyCondition(Path, test, this));
        if (!OnceTests.IsEmpty)
            conditions.Add(new EverWasCondition(context.Behaviors.Take(new([], EventRange.Ever, new FirstMoment(Path, OnceTests))), this));
        return conditions is [var only] ? only : new AllCondition([.. conditions]);
    }
}
