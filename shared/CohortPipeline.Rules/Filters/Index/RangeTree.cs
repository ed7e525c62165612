namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Ranges of numbers, both ends included, and the filters they belong to; finds those that a number lies in, in the time of
/// as many as there are and the tree's depth. A node holds the ranges with its centre in them, in the order of each end.
/// </summary>
internal sealed class RangeTree
{
    private readonly decimal _center;
    private readonly (decimal End, int Filter)[] _byLow;
    private readonly (decimal End, int Filter)[] _byHigh;
    private readonly RangeTree? _below;
    private readonly RangeTree? _above;

    private RangeTree(IReadOnlyCollection<(RangePosting Range, int Filter)> ranges)
    {
        var ends = ranges.SelectMany(entry => (decimal[])[entry.Range.Low, entry.Range.High]).Where(end => end is not (decimal.MinValue or decimal.MaxValue)).Order().ToArray();
        _center = ends.Length == 0 ? 0 : ends[ends.Length / 2];
        var around = ranges.Where(entry => entry.Range.Low <= _center && entry.Range.High >= _center).ToArray();
        _byLow = [.. around.Select(entry => (entry.Range.Low, entry.Filter)).OrderBy(entry => entry.Low)];
        _byHigh = [.. around.Select(entry => (entry.Range.High, entry.Filter)).OrderByDescending(entry => entry.High)];
        _below = Of([.. ranges.Where(entry => entry.Range.High < _center)]);
        _above = Of([.. ranges.Where(entry => entry.Range.Low > _center)]);
    }

    /// <summary>Null for no range. One without a number in it is never found.</summary>
    public static RangeTree? Of(IReadOnlyCollection<(RangePosting Range, int Filter)> ranges)
    {
        var filled = ranges.Where(entry => entry.Range.Low <= entry.Range.High).ToArray();
        return filled.Length == 0 ? null : new(filled);
    }

    public void Ask(decimal number, FilterMatches matches)
    {
        for (var node = this; node is not null; node = number < node._center ? node._below : node._above)
        {
            if (number < node._center)
            {
                foreach (var (low, filter) in node._byLow)
                {
                    if (low > number)
                        break;
                    matches.Ask(filter);
                }
            }
            else
            {
                foreach (var (high, filter) in node._byHigh)
                {
                    if (high < number)
                        break;
                    matches.Ask(filter);
                }
            }
        }
    }
}
