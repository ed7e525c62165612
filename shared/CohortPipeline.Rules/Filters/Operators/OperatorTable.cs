using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Filters.Operators;

/// <summary>The operators that may stand in one place of the language.</summary>
internal sealed class OperatorTable
{
    private static readonly ImmutableArray<string> Supported =
        ["is", "is_not", "in", "not_in", "less_than", "at_most", "more_than", "at_least", "between", "exists"];

    private static readonly ImmutableArray<string> Later =
        ["contains", "not_contains", "starts_with", "ends_with", "ignore_case", "matches", "has"];

    private readonly Vocabulary _names;

    private OperatorTable(ImmutableArray<string> later) => _names = new(Supported, later);

    public static OperatorTable OfEvents { get; } = new(Later);

    public static OperatorTable OfProfile { get; } = new([.. Later, "in_last", "in_next", "before", "after", "ever_was"]);

    /// <summary>Reads what stands behind a path: a bare scalar is <c>is</c>, a bare list <c>in</c>. Empty, with errors, for what is no test.</summary>
    public ImmutableArray<ValueTest> ReadTest(Cursor cursor) => cursor.Node switch
    {
        SourceScalar => ListOf(EqualityTest.Read(EqualityTest.Is, cursor)),
        SourceList => ListOf(EqualityTest.Read(EqualityTest.In, cursor)),
        _ => ReadAll(cursor, ((SourceMap)cursor.Node).Members),
    };

    /// <summary>Reads operators that stand side by side, of which there must be one at least; in canonical order.</summary>
    public ImmutableArray<ValueTest> ReadAll(Cursor cursor, IEnumerable<SourceMember> members)
    {
        var tests = new List<ValueTest>();
        var count = 0;
        foreach (var member in members)
        {
            count++;
            if (!_names.Knows(member.Name))
                _names.Refuse(cursor, member.Name, member.Line, member.Column);
            else if (Read(member.Name, cursor.Member(member)) is { } test)
                tests.Add(test);
        }

        if (count == 0)
            cursor.Error("no operator", _names.Expectation);
        return [.. tests.OrderBy(test => _names.Known.IndexOf(test.Name))];
    }

    private static ValueTest? Read(string name, Cursor cursor) => name switch
    {
        EqualityTest.Is or EqualityTest.IsNot or EqualityTest.In or EqualityTest.NotIn => EqualityTest.Read(name, cursor),
        BetweenTest.Operator => BetweenTest.Read(cursor),
        ExistsTest.Operator => ExistsTest.Read(cursor),
        _ => OrderTest.Read(name, cursor),
    };

    private static ImmutableArray<ValueTest> ListOf(ValueTest? test) => test is null ? [] : [test];
}
