using System.Collections.Immutable;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// The filters of one event type. Finds those that match an event without asking each: a filter is filed under one thing that
/// it needs (a value, a range of numbers, that there is a value), and asked only where the event has it.
/// </summary>
internal sealed class FilterIndex
{
    private readonly PathFile[] _files;
    private readonly int[] _matchAlways;
    private readonly int[] _askedAlways;
    private readonly bool[] _isDecidedByFiling;

    /// <param name="filters">Their places are the numbers under which they are found.</param>
    public FilterIndex(ImmutableArray<Filter> filters)
    {
        var paths = new Dictionary<string, int>(StringComparer.Ordinal);
        var known = ImmutableArray.CreateBuilder<PropertyPath>();
        Filters = [.. filters.Select(filter => new IndexedFilter(filter, NumberOf))];
        Paths = [.. known];
        UsesProperties = filters.Any(filter => filter.UsesProperties);
        UsesContext = filters.Any(filter => filter.UsesContext);

        var numbers = Enumerable.Range(0, filters.Length).ToArray();
        var filing = new Filing(filters);
        var filed = numbers.Select(number => (Number: number, Postings: filing.Of(filters[number]))).ToArray();
        _isDecidedByFiling = [.. filed.Select(filter => Filing.Decides(filter.Postings, filters[filter.Number]))];
        _matchAlways = [.. numbers.Where(number => filters[number].IsEverything)];
        _askedAlways = [.. filed.Where(filter => filter.Postings is null).Select(filter => filter.Number).Except(_matchAlways)];
        _files =
        [
            .. filed
                .SelectMany(filter => (filter.Postings ?? []).Select(posting => (Posting: posting, Filter: filter.Number)))
                .GroupBy(entry => entry.Posting.Path, StringComparer.Ordinal)
                .Select(group => new PathFile(paths[group.Key], [.. group])),
        ];

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

    /// <summary>Some filter looks at the event's properties: <see cref="EventValues.Properties"/> must be loaded.</summary>
    public bool UsesProperties { get; }

    /// <summary>Some filter looks at the event's context: <see cref="EventValues.Context"/> must be loaded.</summary>
    public bool UsesContext { get; }

    internal IndexedFilter[] Filters { get; }

    internal PropertyPath[] Paths { get; }

    /// <summary>What the filter is filed under is all that it asks for: where that was found, it matches.</summary>
    internal bool IsDecidedByFiling(int filter) => _isDecidedByFiling[filter];

    /// <summary>Finds the filters that match; they stand in <see cref="FilterMatches.Found"/> until the next call.</summary>
    public void Find(EventValues values, FilterMatches matches)
    {
        matches.Begin(this, values);
        matches.Add(_matchAlways);
        matches.Ask(_askedAlways);
        foreach (var file in _files)
            file.Find(matches);
    }
}
