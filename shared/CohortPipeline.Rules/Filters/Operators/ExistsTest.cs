using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>exists: true</c> or <c>false</c>: whether the path has a value other than null; <c>[]</c> and <c>{}</c> are values.</summary>
public sealed class ExistsTest : ValueTest
{
    internal const string Operator = "exists";

    private readonly bool _wanted;

    private ExistsTest(bool wanted) => _wanted = wanted;

    public override string Name => Operator;

    internal override bool IsPositive => _wanted;

    internal static ExistsTest? Read(Cursor cursor) => cursor.Boolean() is { } wanted ? new(wanted) : null;

    internal override bool Holds(Candidates candidates) => candidates.Exists == _wanted;

    internal override void Write(Utf8JsonWriter writer) => writer.WriteBoolean(Operator, _wanted);
}
