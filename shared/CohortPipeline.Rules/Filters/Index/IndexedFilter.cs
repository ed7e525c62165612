using CohortPipeline.Rules.Filters.Operators;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>A filter whose paths have numbers, under which what they lead to is kept while an event is looked at.</summary>
internal sealed class IndexedFilter
{
    private readonly Filter _filter;
    private readonly int[] _paths;
    private readonly IndexedFilter[] _all;
    private readonly IndexedFilter[] _any;
    private readonly IndexedFilter? _not;

    /// <param name="numberOf">Gives a path its number.</param>
    public IndexedFilter(Filter filter, Func<PropertyPath, int> numberOf)
    {
        _filter = filter;
        _paths = [.. filter.Paths.Select(test => numberOf(test.Path))];
        _all = [.. filter.All.Select(child => new IndexedFilter(child, numberOf))];
        _any = [.. filter.Any.Select(child => new IndexedFilter(child, numberOf))];
        _not = filter.Not is null ? null : new(filter.Not, numberOf);
    }

    public bool Matches(FilterMatches matches)
    {
        for (var i = 0; i < _paths.Length; i++)
        {
            if (!ValueTest.AllHold(_filter.Paths[i].Tests, matches.Resolve(_paths[i])))
                return false;
        }

        foreach (var filter in _all)
        {
            if (!filter.Matches(matches))
                return false;
        }

        return (_any.Length == 0 || AnyMatches(matches)) && (_not is null || !_not.Matches(matches));
    }

    private bool AnyMatches(FilterMatches matches)
    {
        foreach (var filter in _any)
        {
            if (filter.Matches(matches))
                return true;
        }

        return false;
    }
}
