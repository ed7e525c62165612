namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Ranges of numbers, both ends included, and the filters they belong to; finds those that a number lies in, in the time of
/// as many as there are and the tree's depth. A node holds the ranges with its centre in them, in the order of each end; all
/// nodes lie side by side.
/// </summary>
internal sealed class RangeTree
{
    private const int NoNode = -1;

    private readonly Node[] _nodes;
    private readonly (decimal End, int Filter)[] _ends;

    /// <summary>Of ranges without a number in them none is ever found.</summary>
    public RangeTree(IEnumerable<(RangePosting Range, int Filter)> ranges)
    {
        var (nodes, ends) = (new List<Node>(), new List<(decimal End, int Filter)>());
        Add([.. ranges.Where(entry => entry.Range.Low <= entry.Range.High)], nodes, ends);
        (_nodes, _ends) = ([.. nodes], [.. ends]);
    }

    public void Find(decimal number, FilterMatches matches)
    {
        for (var place = _nodes.Length > 0 ? 0 : NoNode; place != NoNode;)
        {
            ref readonly var node = ref _nodes[place];
            var isBelow = number < node.Center;
            foreach (var (end, filter) in _ends.AsSpan(isBelow ? node.Ends : node.Ends + node.Count, node.Count))
            {
                if (isBelow ? end > number : end < number)
                    break;
                matches.Find(filter);
            }

            place = isBelow ? node.Below : node.Above;
        }
    }

    /// <summary>The place of the node that holds the ranges, with those below it.</summary>
    private static int Add((RangePosting Range, int Filter)[] ranges, List<Node> nodes, List<(decimal End, int Filter)> ends)
    {
        if (ranges.Length == 0)
            return NoNode;
        var sorted = ranges.SelectMany(entry => (decimal[])[entry.Range.Low, entry.Range.High]).Where(end => end is not (decimal.MinValue or decimal.MaxValue)).Order().ToArray();
        var center = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
        var around = ranges.Where(entry => entry.Range.Low <= center && entry.Range.High >= center).ToArray();
        var place = nodes.Count;
        var node = new Node { Center = center, Ends = ends.Count, Count = around.Length };
        ends.AddRange(around.Select(entry => (entry.Range.Low, entry.Filter)).OrderBy(entry => entry.Low));
        ends.AddRange(around.Select(entry => (entry.Range.High, entry.Filter)).OrderByDescending(entry => entry.High));
        nodes.Add(node);
        node.Below = Add([.. ranges.Where(entry => entry.Range.High < center)], nodes, ends);
        node.Above = Add([.. ranges.Where(entry => entry.Range.Low > center)], nodes, ends);
        nodes[place] = node;
        return place;
    }

    private struct Node
    {
        public decimal Center;

        /// <summary>Where the lower ends begin, ascending; the upper ones, descending, are behind them.</summary>
        public int Ends;

        public int Count;
        public int Below;
        public int Above;
    }
}
