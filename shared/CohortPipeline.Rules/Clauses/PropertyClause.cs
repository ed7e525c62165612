using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Rules.Clauses;

/// <summary>The profile's property as it is now.</summary>
public sealed class PropertyClause : Clause
{
    private PropertyClause(PropertyPath path, ImmutableArray<ValueTest> tests)
    {
        Path = path;
        Tests = tests;
    }

    public PropertyPath Path { get; }

    /// <summary>All of them must hold.</summary>
    public ImmutableArray<ValueTest> Tests { get; }

    internal static PropertyClause? Read(Cursor cursor)
    {
        if (cursor.Members("an object with `name` and an operator") is not { } members)
            return null;
        var errorsBefore = cursor.ErrorCount;
        PropertyPath? path = null;
        foreach (var member in members.Where(member => member.Name == "name"))
        {
            var name = cursor.Member(member);
            if (name.Text("the path of a profile property, a text") is { } text)
                path = PropertyPath.Read(name, text, PathScope.Profile);
        }

        if (members.All(member => member.Name != "name"))
            cursor.Error("no `name`", "the path of a profile property");
        var tests = OperatorTable.OfProfile.ReadAll(cursor, members.Where(member => member.Name != "name"));
        return cursor.ErrorCount == errorsBefore ? new(path!, tests) : null;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("property"u8);
        writer.WriteString("name"u8, Path.Text);
        foreach (var test in Tests)
            test.Write(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    internal override Condition Compile(BehaviorSlots slots) => new PropertyCondition(Path, Tests);
}
