using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Measures;

/// <summary>Reads and writes bounds, which hold exactly one operator: <c>{at_least: 3}</c>.</summary>
/// <param name="readOperand">Reads one operand; null, with an error, for what is none.</param>
/// <param name="writeOperand">Writes one operand.</param>
internal sealed class BoundReader(Func<Cursor, Int128?> readOperand, Action<Utf8JsonWriter, Int128> writeOperand)
{
    private static readonly Vocabulary Names = new(["at_least", "at_most", "more_than", "less_than", "exactly", "between"]);

    private static readonly string Expectation = $"a bound: exactly one of {string.Join(", ", Names.Known.Select(name => $"`{name}`"))}";

    /// <summary>Whole numbers, for what is counted.</summary>
    public static BoundReader OfCounts { get; } = new(
        cursor => WholeNumber.Read(cursor, 0, DefinitionLimits.CountMax),
        (writer, count) => writer.WriteNumberValue((long)count));

    /// <summary>Numbers in billionths, for what is summed and compared.</summary>
    public static BoundReader OfNumbers { get; } = new(ReadNumber, NumberUnit.Write);

    /// <summary>Reads an object that is a bound and nothing else.</summary>
    public Bound? Read(Cursor cursor) => cursor.Members($"an object: {Expectation}") is { } members ? Read(cursor, members) : null;

    /// <param name="cursor">At the object that has the members.</param>
    /// <param name="members">Those that are to be the bound.</param>
    public Bound? Read(Cursor cursor, IReadOnlyList<SourceMember> members)
    {
        Names.RefuseUnknown(cursor, members);
        Bound? bound = null;
        foreach (var member in members.Where(member => Names.Knows(member.Name)))
            bound = ReadOperator(cursor.Member(member), (BoundOperator)Names.Known.IndexOf(member.Name));
        if (members.Count == 1)
            return bound;
        if (members.All(member => Names.Knows(member.Name)))
            cursor.Error(members.Count == 0 ? "no operator" : $"{members.Count} operators", Expectation);
        return null;
    }

    /// <summary>Writes the operator as a member of an object.</summary>
    public void WriteMember(Utf8JsonWriter writer, Bound bound)
    {
        writer.WritePropertyName(Names.Known[(int)bound.Operator]);
        if (bound.Operator != BoundOperator.Between)
        {
            writeOperand(writer, bound.Low);
            return;
        }

        writer.WriteStartArray();
        writeOperand(writer, bound.Low);
        writeOperand(writer, bound.High);
        writer.WriteEndArray();
    }

    private Bound? ReadOperator(Cursor cursor, BoundOperator name)
    {
        if (name != BoundOperator.Between)
            return readOperand(cursor) is { } operand ? new(name, operand, operand) : null;
        if (cursor.Items("a list of two numbers, [lowest, highest]", 2, 2) is null)
            return null;
        var (first, last) = (readOperand(cursor.Item(0)), readOperand(cursor.Item(1)));
        if (first is not { } low || last is not { } high)
            return null;
        if (low <= high)
            return new(name, low, high);
        cursor.Error("a list whose first number is the higher one", "the lower number first");
        return null;
    }

    private static Int128? ReadNumber(Cursor cursor)
    {
        if (cursor.Node is SourceScalar { Kind: ScalarKind.Number or ScalarKind.Text } scalar && NumberUnit.TryParseBound(scalar.Text, out var billionths))
            return billionths;
        cursor.Error("a number with at most 9 decimals, within ±1000000000000000");
        return null;
    }
}
