using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>The filters that are filed under one path, by what they need to find there.</summary>
internal sealed class PathFile
{
    private readonly int _path;
    private readonly Dictionary<decimal, int[]> _numbers;
    private readonly TextFile _texts;
    private readonly RangeTree _ranges;
    private readonly int[] _withRange;
    private readonly int[] _present;

    /// <param name="path">The path's number.</param>
    /// <param name="filed">What of this path each filter needs.</param>
    public PathFile(int path, IReadOnlyCollection<(Posting Posting, int Filter)> filed)
    {
        _path = path;
        _numbers = Of<NumberPosting>().GroupBy(entry => entry.Posting.Number, entry => entry.Filter).ToDictionary(group => group.Key, group => group.ToArray());
        _texts = new(Of<TextPosting>().Select(entry => (entry.Posting.Text, entry.Filter)));
        var ranges = Of<RangePosting>().ToArray();
        _ranges = new(ranges);
        _withRange = [.. ranges.Select(entry => entry.Filter)];
        _present = [.. Of<PresencePosting>().Select(entry => entry.Filter)];

        IEnumerable<(T Posting, int Filter)> Of<T>()
            where T : Posting => filed.Where(entry => entry.Posting is T).Select(entry => ((T)entry.Posting, entry.Filter));
    }

    public void Find(FilterMatches matches)
    {
        var candidates = matches.Resolve(_path);
        if (!candidates.Exists)
            return;
        matches.Find(_present);
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.TryNumber(i, out var number))
                FindOf(number, candidates, matches);
            else
                matches.Find(_texts.Find(candidates.TextOf(i)));
        }
    }

    private void FindOf(decimal number, Candidates candidates, FilterMatches matches)
    {
        if (_numbers.TryGetValue(number, out var filters))
            matches.Find(filters);
        // Of several values one may satisfy the lower bound of a range, another the upper one.
        if (candidates.Count > 1)
            matches.Ask(_withRange);
        else
            _ranges.Find(number, matches);
    }
}
