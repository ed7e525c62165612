using System.Collections.Immutable;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Filters. Finds those that match an event without asking each: a filter is filed under one thing that it needs (a value, a
/// range of numbers, that there is a value), and asked only where the event has it.
/// </summary>
internal sealed class FilterIndex
{
    private readonly ImmutableArray<Filter> _filters;
    private readonly Posting[]?[] _postings;
    private readonly Dictionary<string, PathFile> _files;
    private readonly bool[] _isDecidedByFiling;

    /// <param name="filters">Their places are the numbers under which they are found.</param>
    public FilterIndex(ImmutableArray<Filter> filters)
    {
        var paths = new Dictionary<string, int>(StringComparer.Ordinal);
        var known = ImmutableArray.CreateBuilder<PropertyPath>();
        Filters = [.. filters.Select(filter => new IndexedFilter(filter, NumberOf))];
        Paths = [.. known];
        _filters = filters;
        var filing = new Filing(filters);
        _postings = [.. filters.Select(filing.Of)];
        _isDecidedByFiling = [.. filters.Select((filter, number) => Filing.Decides(_postings[number], filter))];
        _files = _postings
            .SelectMany((postings, number) => (postings ?? []).Select(posting => (Posting: posting, Filter: number)))
            .GroupBy(entry => entry.Posting.Path, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new PathFile(paths[group.Key], [.. group]), StringComparer.Ordinal);
        All = View(new(filters.Length, Enumerable.Range(0, filters.Length)));

        int NumberOf(PropertyPath path)
        {
            if (!paths.TryGetValue(path.Text, out var number))
            {
                paths.Add(path.Text, number = known.Count);
                known.Add(path);
            }

            return number;
        }
    }

    public int Count => Filters.Length;

    /// <summary>All filters.</summary>
    public FilterView All { get; }

    internal IndexedFilter[] Filters { get; }

    internal PropertyPath[] Paths { get; }

    /// <summary>What the filter is filed under is all that it asks for: where that was found, it matches.</summary>
    internal bool IsDecidedByFiling(int filter) => _isDecidedByFiling[filter];

    /// <summary>Some of the filters: those that are asked of an event.</summary>
    public FilterView View(NumberSet filters) => new(this, filters)
    {
        UsesProperties = filters.Any(number => _filters[number].UsesProperties),
        UsesContext = filters.Any(number => _filters[number].UsesContext),
        MatchAlways = [.. filters.Where(number => _filters[number].IsEverything)],
        AskedAlways = [.. filters.Where(number => _postings[number] is null && !_filters[number].IsEverything)],
        Files = [.. filters.SelectMany(number => _postings[number] ?? []).Select(posting => posting.Path).Distinct(StringComparer.Ordinal).Select(path => _files[path])],
    };
}
