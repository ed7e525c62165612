using System.Text.Json;
using System.Text.RegularExpressions;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary><c>matches</c>: a .NET regular expression under the non-backtracking engine, culture-invariant, unanchored.</summary>
public sealed class MatchesTest : ValueTest
{
    internal const string Operator = "matches";

    /// <summary>The engine's own switch for the size of what it takes; its default is ten times ours.</summary>
    private const string StatesMaxSwitch = "REGEX_NONBACKTRACKING_MAX_AUTOMATA_SIZE";

    private readonly Regex _expression;

    static MatchesTest() => AppContext.SetData(StatesMaxSwitch, DefinitionLimits.RegexStatesMax);

    private MatchesTest(Regex expression) => _expression = expression;

    public override string Name => Operator;

    internal override bool IsPositive => true;

    internal static MatchesTest? Read(Cursor cursor, bool ignoresCase)
    {
        var expectation = $"a regular expression of at most {DefinitionLimits.RegexCharactersMax} characters";
        if (cursor.Text(expectation) is not { } pattern)
            return null;
        if (pattern.EnumerateRunes().Count() > DefinitionLimits.RegexCharactersMax)
        {
            cursor.Error($"a text of {pattern.Length} characters", expectation);
            return null;
        }

        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new(new(pattern, options));
        }
        catch (RegexParseException exception)
        {
            cursor.Error($"{cursor.Node.Description}, which is none ({exception.Error} at character {exception.Offset + 1})", expectation);
        }
        catch (NotSupportedException)
        {
            cursor.Error(cursor.Node.Description, $"{expectation}, without what needs backtracking (lookaround, backreferences, atomic groups, conditions) and with at most {DefinitionLimits.RegexStatesMax} states, repetitions written out");
        }

        return null;
    }

    internal override bool Holds(Candidates candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (_expression.IsMatch(candidates.CharactersOf(i)))
                return true;
        }

        return false;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString(Operator, _expression.ToString());
}
