using System.Text.Json;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>
/// <c>ignore_case: true</c>: asks nothing by itself, the tests beside it were read with it. It stands among them so that they
/// are written with it.
/// </summary>
public sealed class IgnoreCaseTest : ValueTest
{
    internal const string Operator = "ignore_case";

    private IgnoreCaseTest()
    {
    }

    public static IgnoreCaseTest Instance { get; } = new();

    public override string Name => Operator;

    internal override bool IsPositive => false;

    internal override bool Holds(Candidates candidates) => true;

    internal override void Write(Utf8JsonWriter writer) => writer.WriteBoolean(Operator, true);
}
