using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>Which filters of an index match the event at hand, and the memory to find it out. Kept by a lane and used again, for any index.</summary>
internal sealed class FilterMatches
{
    private Candidates[] _candidates = [];
    private long[] _resolvedIn = [];
    private long[] _askedIn = [];
    private int[] _found = [];
    private int _foundCount;
    private long _event;
    private FilterIndex? _index;
    private EventValues? _values;

    /// <summary>The numbers of the filters that match, each once.</summary>
    public ReadOnlySpan<int> Found => _found.AsSpan(0, _foundCount);

    /// <summary>How many filters were asked for that.</summary>
    public int AskedCount { get; private set; }

    internal void Begin(FilterIndex index, EventValues values)
    {
        (_index, _values, _foundCount) = (index, values, 0);
        AskedCount = 0;
        _event++;
        if (_askedIn.Length < index.Count)
        {
            Array.Resize(ref _askedIn, index.Count);
            Array.Resize(ref _found, index.Count);
        }

        if (_resolvedIn.Length >= index.Paths.Length)
            return;
        var known = _candidates.Length;
        Array.Resize(ref _resolvedIn, index.Paths.Length);
        Array.Resize(ref _candidates, index.Paths.Length);
        for (var path = known; path < _candidates.Length; path++)
            _candidates[path] = new();
    }

    /// <summary>What a path leads to, found out once an event.</summary>
    internal Candidates Resolve(int path)
    {
        var candidates = _candidates[path];
        if (_resolvedIn[path] == _event)
            return candidates;
        _resolvedIn[path] = _event;
        var where = _index!.Paths[path];
        candidates.Resolve(where, where.IsInContext ? _values!.Context : _values!.Properties);
        return candidates;
    }

    /// <summary>Asks a filter that it was found under what it is filed under, once an event however often it is found.</summary>
    internal void Ask(int filter)
    {
        if (_askedIn[filter] == _event)
            return;
        _askedIn[filter] = _event;
        AskedCount++;
        if (_index!.IsDecidedByFiling(filter) || _index.Filters[filter].Matches(this))
            _found[_foundCount++] = filter;
    }

    internal void Ask(ReadOnlySpan<int> filters)
    {
        foreach (var filter in filters)
            Ask(filter);
    }

    internal void Add(int[] filters)
    {
        filters.CopyTo(_found, _foundCount);
        _foundCount += filters.Length;
    }
}
