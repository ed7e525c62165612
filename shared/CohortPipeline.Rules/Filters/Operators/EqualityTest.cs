using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>is</c>, <c>in</c> and their negations: equal to one of the values; if both sides are numeric as decimals, else as text, ordinal or without regard to case.</summary>
public sealed class EqualityTest : ValueTest
{
    internal const string Is = "is";
    internal const string IsNot = "is_not";
    internal const string In = "in";
    internal const string NotIn = "not_in";

    private readonly ImmutableArray<Operand> _operands;
    private readonly FrozenSet<decimal> _numbers;
    private readonly byte[][] _texts;
    private readonly FrozenSet<string>? _foldedTexts;

    private EqualityTest(string name, ImmutableArray<Operand> operands, bool ignoresCase)
    {
        Name = name;
        _operands = operands;
        _numbers = operands.Where(operand => operand.IsNumeric).Select(operand => operand.Number).ToFrozenSet();
        _texts = [.. operands.Where(operand => !operand.IsNumeric).Select(operand => operand.Utf8)];
        Array.Sort(_texts, (left, right) => left.AsSpan().SequenceCompareTo(right));
        if (ignoresCase)
            _foldedTexts = operands.Where(operand => !operand.IsNumeric).Select(operand => operand.Text).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    public override string Name { get; }

    internal ImmutableArray<Operand> Operands => _operands;

    internal bool IgnoresCase => _foldedTexts is not null;

    internal override bool IsPositive => Name is Is or In;

    private bool IsList => Name is In or NotIn;

    internal static EqualityTest? Read(string name, Cursor cursor, bool ignoresCase)
    {
        if (name is Is or IsNot)
            return Operand.Read(cursor) is { } operand ? new(name, [operand], ignoresCase) : null;
        var expectation = $"a list of 1 to {DefinitionLimits.ValuesMax} texts, numbers or booleans";
        if (cursor.All(Operand.Read, expectation, 1, DefinitionLimits.ValuesMax) is not { } operands)
            return null;
        var ordered = operands.OrderBy(operand => operand.SortKey.Kind).ThenBy(operand => operand.SortKey.Text, StringComparer.Ordinal);
        return new(name, [.. ordered.DistinctBy(operand => ignoresCase ? operand.FoldedSortKey : operand.SortKey)], ignoresCase);
    }

    internal override bool Holds(Candidates candidates) => AnyIsEqual(candidates) == IsPositive;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WritePropertyName(Name);
        if (IsList)
            writer.WriteStartArray();
        foreach (var operand in _operands)
            operand.Write(writer);
        if (IsList)
            writer.WriteEndArray();
    }

    private bool AnyIsEqual(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            // What is numeric can only equal what is numeric: the texts of a number and of something else differ.
            var isEqual = candidates.TryNumber(i, out var number) ? _numbers.Contains(number) : HasText(candidates, i);
            if (isEqual)
                return true;
        }

        return false;
    }

    private bool HasText(Candidates candidates, int index)
    {
        if (_foldedTexts is not null)
            return _foldedTexts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(candidates.CharactersOf(index));
        var text = candidates.TextOf(index);
        var (low, high) = (0, _texts.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = text.SequenceCompareTo(_texts[middle]);
            if (order == 0)
                return true;
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return false;
    }
}
