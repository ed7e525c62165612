using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>less_than</c>, <c>at_most</c>, <c>more_than</c>, <c>at_least</c>: of numeric values only.</summary>
public sealed class OrderTest : ValueTest
{
    private readonly decimal _bound;

    private OrderTest(string name, decimal bound)
    {
        Name = name;
        _bound = bound;
    }

    public override string Name { get; }

    internal static OrderTest? Read(string name, Cursor cursor) => Operand.ReadNumber(cursor) is { } bound ? new(name, bound) : null;

    internal override bool Holds(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.TryNumber(i, out var number) && Holds(number))
                return true;
        }

        return false;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteNumber(Name, _bound);

    private bool Holds(decimal number) => Name switch
    {
        "less_than" => number < _bound,
        "at_most" => number <= _bound,
        "more_than" => number > _bound,
        _ => number >= _bound,
    };
}
