using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>between: [lo, hi]</c>: of numeric values only, both ends included.</summary>
public sealed class BetweenTest : ValueTest
{
    internal const string Operator = "between";

    private readonly NumberRange _range;

    private BetweenTest(decimal low, decimal high) => _range = new(low, HasLow: true, high, HasHigh: true);

    public override string Name => Operator;

    internal override bool IsPositive => true;

    internal override NumberRange? Range => _range;

    internal static BetweenTest? Read(Cursor cursor)
    {
        if (cursor.Items("a list of two numbers, [lowest, highest]", 2, 2) is null)
            return null;
        var (first, last) = (Operand.ReadNumber(cursor.Item(0)), Operand.ReadNumber(cursor.Item(1)));
        if (first is not { } low || last is not { } high)
            return null;
        if (low <= high)
            return new(low, high);
        cursor.Error(FormattableString.Invariant($"[{low}, {high}]"), "the lower number first");
        return null;
    }

    internal override bool Holds(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.TryNumber(i, out var number) && _range.Contains(number))
                return true;
        }

        return false;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(Operator);
        writer.WriteNumberValue(_range.Low);
        writer.WriteNumberValue(_range.High);
        writer.WriteEndArray();
    }
}
