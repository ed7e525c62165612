using System.Collections.Immutable;
using System.Text.Json;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>One operator with its operand. A positive test holds if one of the candidates satisfies it: the value itself, or an element of an array.</summary>
public abstract class ValueTest
{
    private protected ValueTest()
    {
    }

    /// <summary>The operator's name in definitions.</summary>
    public abstract string Name { get; }

    /// <summary>It holds only where the path has a value.</summary>
    internal abstract bool IsPositive { get; }

    /// <summary>A number for which it holds lies in this range, and any other value is none; null for tests that are not about order.</summary>
    internal virtual NumberRange? Range => null;

    internal abstract bool Holds(Candidates candidates);

    /// <summary>Writes the operator as a member: name and operand.</summary>
    internal abstract void Write(Utf8JsonWriter writer);

    internal static bool AllHold(ImmutableArray<ValueTest> tests, Candidates candidates)
    {
        foreach (var test in tests)
        {
            if (!test.Holds(candidates))
                return false;
        }

        return true;
    }
}
