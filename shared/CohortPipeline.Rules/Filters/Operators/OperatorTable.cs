using System.Collections.Immutable;
using CohortPipeline.Rules.Clauses;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Properties.Timed;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>The operators that may stand in one place of the language.</summary>
internal sealed class OperatorTable
{
    /// <summary>Those that compare texts, beside which <c>ignore_case</c> may stand.</summary>
    private static readonly Vocabulary Textual = new(
        [EqualityTest.Is, EqualityTest.IsNot, EqualityTest.In, EqualityTest.NotIn, TextTest.ContainsOperator, TextTest.NotContains, TextTest.StartsWith, TextTest.EndsWith, MatchesTest.Operator]);

    private readonly Vocabulary _names;

    /// <param name="others">What may stand beside the operators and is read elsewhere: errors name it.</param>
    private OperatorTable(ImmutableArray<string> others) =>
        _names = new([.. Textual.Known, IgnoreCaseTest.Operator, "less_than", "at_most", "more_than", "at_least", BetweenTest.Operator, HasTest.Operator, ExistsTest.Operator, .. others]);

    public static OperatorTable OfEvents { get; } = new([]);

    public static OperatorTable OfProfile { get; } = new([.. TimedTestReader.Names, PropertyClause.EverWas]);

    /// <summary>Reads what stands behind a path: a bare scalar is <c>is</c>, a bare list <c>in</c>. Empty, with errors, for what is no test.</summary>
    /// <param name="cursor">At the test.</param>
    /// <param name="filterDepth">Depth of the filter that the test stands in.</param>
    public ImmutableArray<ValueTest> ReadTest(Cursor cursor, int filterDepth) => cursor.Node switch
    {
        SourceScalar => ListOf(EqualityTest.Read(EqualityTest.Is, cursor, ignoresCase: false)),
        SourceList => ListOf(EqualityTest.Read(EqualityTest.In, cursor, ignoresCase: false)),
        _ => ReadAll(cursor, ((SourceMap)cursor.Node).Members, filterDepth),
    };

    /// <summary>Reads operators that stand side by side, of which there must be one at least; in canonical order.</summary>
    /// <param name="cursor">At the object that they are members of.</param>
    /// <param name="filterDepth">Depth of the filter that they stand in; 0 for none.</param>
    public ImmutableArray<ValueTest> ReadAll(Cursor cursor, IEnumerable<SourceMember> members, int filterDepth = 0)
    {
        var operators = members.ToList();
        var ignoresCase = ReadIgnoreCase(cursor, operators);
        var tests = new List<ValueTest>();
        if (ignoresCase)
            tests.Add(IgnoreCaseTest.Instance);
        foreach (var member in operators.Where(member => member.Name != IgnoreCaseTest.Operator))
        {
            if (!_names.Knows(member.Name))
                _names.Refuse(cursor, member.Name, member.Line, member.Column);
            else if (Read(member.Name, cursor.Member(member), ignoresCase, filterDepth) is { } test)
                tests.Add(test);
        }

        if (operators.Count == 0)
            cursor.Error("no operator", _names.Expectation);
        return [.. tests.OrderBy(test => _names.Known.IndexOf(test.Name))];
    }

    private static bool ReadIgnoreCase(Cursor cursor, List<SourceMember> operators)
    {
        if (operators.Find(member => member.Name == IgnoreCaseTest.Operator) is not { } member)
            return false;
        if (!operators.Exists(other => Textual.Knows(other.Name)))
            cursor.Error(member.Line, member.Column, $"`{IgnoreCaseTest.Operator}` without an operator on texts", $"it beside {Textual.Expectation}");
        return cursor.Member(member).Boolean() == true;
    }

    private static ValueTest? Read(string name, Cursor cursor, bool ignoresCase, int filterDepth) => name switch
    {
        EqualityTest.Is or EqualityTest.IsNot or EqualityTest.In or EqualityTest.NotIn => EqualityTest.Read(name, cursor, ignoresCase),
        TextTest.ContainsOperator or TextTest.NotContains or TextTest.StartsWith or TextTest.EndsWith => TextTest.Read(name, cursor, ignoresCase),
        MatchesTest.Operator => MatchesTest.Read(cursor, ignoresCase),
        BetweenTest.Operator => BetweenTest.Read(cursor),
        HasTest.Operator => HasTest.Read(cursor, filterDepth + 1),
        ExistsTest.Operator => ExistsTest.Read(cursor),
        _ => OrderTest.Read(name, cursor),
    };

    private static ImmutableArray<ValueTest> ListOf(ValueTest? test) => test is null ? [] : [test];
}
