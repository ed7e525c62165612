using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>less_than</c>, <c>at_most</c>, <c>more_than</c>, <c>at_least</c>: of numeric values only.</summary>
public sealed class OrderTest : ValueTest
{
    private readonly decimal _bound;
    private readonly NumberRange _range;

    private OrderTest(string name, decimal bound)
    {
        Name = name;
        _bound = bound;
        _range = name switch
        {
            "less_than" => NumberRange.UpTo(bound, isIncluded: false),
            "at_most" => NumberRange.UpTo(bound, isIncluded: true),
            "more_than" => NumberRange.From(bound, isIncluded: false),
            _ => NumberRange.From(bound, isIncluded: true),
        };
    }

    public override string Name { get; }

    internal override bool IsPositive => true;

    internal override NumberRange? Range => _range;

    internal static OrderTest? Read(string name, Cursor cursor) => Operand.ReadNumber(cursor) is { } bound ? new(name, bound) : null;

    internal override bool Holds(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.TryNumber(i, out var number) && _range.Contains(number))
                return true;
        }

        return false;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteNumber(Name, _bound);
}
