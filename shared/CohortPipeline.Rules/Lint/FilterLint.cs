using System.Collections.Immutable;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Filters.Operators;

namespace CohortPipeline.Rules.Lint;

/// <summary>A test of a property that must hold, and where it stands.</summary>
internal sealed record PlacedTest(PropertyPath Path, ValueTest Test, SourcePath Place);

/// <summary>Looks at filters, and at tests of properties.</summary>
internal sealed class FilterLint(Findings findings)
{
    public void Check(Filter filter, SourcePath path)
    {
        CheckTests([.. Tests(filter, path)]);
        CheckParts(filter, path);
    }

    /// <summary>Warns of tests that must all hold and cannot; of each pair of places once.</summary>
    public void CheckTests(IReadOnlyList<PlacedTest> tests)
    {
        var reported = new HashSet<(SourcePath, SourcePath)>();
        for (var i = 0; i < tests.Count; i++)
        {
            for (var other = 0; other < i; other++)
                CheckPair(tests[other], tests[i], reported);
        }
    }

    /// <summary>Looks at the tests of one property each by itself.</summary>
    public void CheckInside(PropertyPath property, ImmutableArray<ValueTest> tests, SourcePath path)
    {
        foreach (var has in tests.OfType<HasTest>())
            Check(has.Filter, path.Member(HasTest.Operator));
        if (!ListNames.LooksLikeOne(property))
            return;
        foreach (var test in tests.OfType<TextTest>().Where(test => test.Name is TextTest.ContainsOperator or TextTest.NotContains))
        {
            var whole = test.IsPositive ? EqualityTest.Is : EqualityTest.IsNot;
            findings.Add(path, $"`{test.Name}` on `{property.Text}`, which looks like a list, is about text inside its elements; whether \"{test.Text}\" is one of them, `{whole}` says");
        }
    }

    private static IEnumerable<PlacedTest> Tests(Filter filter, SourcePath path) =>
        filter.Paths.SelectMany(test => Placed(test, path.Member(test.Path.Text)))
            .Concat(filter.All.SelectMany((child, i) => Tests(child, path.Member("all").Item(i))));

    private static IEnumerable<PlacedTest> Placed(PathTest test, SourcePath place) => test.Tests.Select(operation => new PlacedTest(test.Path, operation, place));

    private void CheckPair(PlacedTest first, PlacedTest second, HashSet<(SourcePath, SourcePath)> reported)
    {
        if (first.Path.Text != second.Path.Text || TestConflicts.Between(first.Test, second.Test) is not { } conflict || !reported.Add((first.Place, second.Place)))
            return;
        if (conflict == TestConflict.UnlessList)
            findings.AddOnlyForLists(second.Place, first.Place, second.Path.Text);
        else if (ReferenceEquals(first.Place, second.Place))
            findings.Add(second.Place, "its operators can never hold together");
        else
            findings.AddNever(second.Place, first.Place);
    }

    private void CheckParts(Filter filter, SourcePath path)
    {
        foreach (var test in filter.Paths)
            CheckInside(test.Path, test.Tests, path.Member(test.Path.Text));

        foreach (var (i, child) in filter.All.Index())
            CheckParts(child, path.Member("all").Item(i));
        foreach (var (i, child) in filter.Any.Index())
            Check(child, path.Member("any").Item(i));
        if (filter.Not is not null)
            Check(filter.Not, path.Member("not"));
    }
}
