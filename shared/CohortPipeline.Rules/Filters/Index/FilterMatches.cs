using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>Which filters of an index match the event at hand, and the memory to find it out. Kept by a lane and used again, for any index.</summary>
internal sealed class FilterMatches
{
    private readonly DistinctNumbers _asked = new();
    private Candidates[] _candidates = [];
    private long[] _resolvedIn = [];
    private int[] _found = new int[8];
    private int _foundCount;
    private long _event;
    private FilterView? _view;
    private FilterIndex? _index;
    private EventValues? _values;

    /// <summary>The numbers of the filters that match, each once.</summary>
    public ReadOnlySpan<int> Found => _found.AsSpan(0, _foundCount);

    /// <summary>How many filters were asked for that.</summary>
    public int AskedCount => _asked.Count;

    internal void Begin(FilterView view, EventValues values)
    {
        var index = view.Index;
        (_view, _index, _values, _foundCount) = (view, index, values, 0);
        _asked.Clear();
        _event++;
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

    /// <summary>A filter was found under what it is filed under: it matches if that is all that it asks for, and else it is asked; once an event however often it is found.</summary>
    internal void Find(int filter)
    {
        if (_view!.Has(filter) && _asked.Add(filter, out _) && (_index!.IsDecidedByFiling(filter) || _index.Filters[filter].Matches(this)))
            Add(filter);
    }

    internal void Find(ReadOnlySpan<int> filters)
    {
        foreach (var filter in filters)
            Find(filter);
    }

    /// <summary>Asks filters, whatever they are filed under, each once an event.</summary>
    internal void Ask(ReadOnlySpan<int> filters)
    {
        foreach (var filter in filters)
        {
            if (_view!.Has(filter) && _asked.Add(filter, out _) && _index!.Filters[filter].Matches(this))
                Add(filter);
        }
    }

    /// <summary>Filters that match every event.</summary>
    internal void Add(int[] filters)
    {
        foreach (var filter in filters)
            Add(filter);
    }

    private void Add(int filter)
    {
        if (_foundCount == _found.Length)
            Array.Resize(ref _found, _foundCount * 2);
        _found[_foundCount++] = filter;
    }
}
