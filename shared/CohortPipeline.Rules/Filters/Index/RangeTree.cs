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
    private readonly End[] _ends;

    /// <summary>Of ranges without a number in them none is ever found.</summary>
    public RangeTree(IEnumerable<(RangePosting Range, int Filter)> ranges)
    {
        var (nodes, ends) = (new List<Node>(), new List<End>());
        Add([.. ranges.Where(entry => entry.Range.Low <= entry.Range.High)], nodes, ends);
        (_nodes, _ends) = ([.. nodes], [.. ends]);
    }

    public void Find(decimal number, FilterMatches matches)
    {
        if (_nodes.Length == 0)
            return;
        var sought = new Mark(number);
        for (var place = 0; place != NoNode;)
        {
            ref readonly var node = ref _nodes[place];
            var isBelow = sought.IsBelow(node.Center);
            foreach (ref readonly var end in _ends.AsSpan(isBelow ? node.Ends : node.Ends + node.Count, node.Count))
            {
                if (isBelow ? sought.IsBelow(end.At) : end.At.IsBelow(sought))
                    break;
                matches.Find(end.Filter);
            }

            place = isBelow ? node.Below : node.Above;
        }
    }

    /// <summary>The place of the node that holds the ranges, with those below it. Its centre is an end of one of them, which it holds, so that fewer are left.</summary>
    private static int Add((RangePosting Range, int Filter)[] ranges, List<Node> nodes, List<End> ends)
    {
        if (ranges.Length == 0)
            return NoNode;
        var sorted = ranges.SelectMany(entry => (decimal[])[entry.Range.Low, entry.Range.High]).Where(end => end is not (decimal.MinValue or decimal.MaxValue)).Order().ToArray();
        var center = sorted.Length == 0 ? ranges[0].Range.Low : sorted[sorted.Length / 2];
        var around = ranges.Where(entry => entry.Range.Low <= center && entry.Range.High >= center).ToArray();
        var place = nodes.Count;
        var node = new Node { Center = new(center), Ends = ends.Count, Count = around.Length };
        ends.AddRange(around.OrderBy(entry => entry.Range.Low).Select(entry => new End(new(entry.Range.Low), entry.Filter)));
        ends.AddRange(around.OrderByDescending(entry => entry.Range.High).Select(entry => new End(new(entry.Range.High), entry.Filter)));
        nodes.Add(node);
        node.Below = Add([.. ranges.Where(entry => entry.Range.High < center)], nodes, ends);
        node.Above = Add([.. ranges.Where(entry => entry.Range.Low > center)], nodes, ends);
        nodes[place] = node;
        return place;
    }

    private struct Node
    {
        public Mark Center;

        /// <summary>Where the lower ends begin, ascending; the upper ones, descending, are behind them.</summary>
        public int Ends;

        public int Count;
        public int Below;
        public int Above;
    }

    private readonly record struct End(Mark At, int Filter);

    /// <summary>A number with a binary one near it, which tells all but the closest ones apart in a fraction of the time.</summary>
    private readonly struct Mark(decimal number)
    {
        /// <summary>Much more than what a conversion may be wrong by, of a number's own size.</summary>
        private const double Doubt = 1e-14;

        private readonly decimal _number = number;
        private readonly double _near = (double)number;

        public bool IsBelow(in Mark other)
        {
            var by = other._near - _near;
            return Math.Abs(by) > Doubt * (Math.Abs(_near) + Math.Abs(other._near)) ? by > 0 : _number < other._number;
        }
    }
}
