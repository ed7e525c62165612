using System.Text.Json;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>has: filter</c>: the value is an object, or an array with an object in it, that satisfies the whole filter, paths taken from that object.</summary>
public sealed class HasTest : ValueTest
{
    internal const string Operator = "has";

    private readonly Filter _filter;

    private HasTest(Filter filter) => _filter = filter;

    public override string Name => Operator;

    internal Filter Filter => _filter;

    internal override bool IsPositive => true;

    /// <param name="cursor">At the filter.</param>
    /// <param name="depth">The filter's depth in the one around it.</param>
    internal static HasTest? Read(Cursor cursor, int depth) => Filter.Read(cursor, PathScope.Element, depth) is { } filter ? new(filter) : null;

    internal override bool Holds(Candidates candidates)
    {
        var element = candidates.Element;
        for (var i = 0; i < candidates.ObjectCount; i++)
        {
            element.Properties.Load(candidates.ObjectAt(i));
            if (_filter.Matches(element))
                return true;
        }

        return false;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WritePropertyName(Operator);
        _filter.Write(writer);
    }
}
