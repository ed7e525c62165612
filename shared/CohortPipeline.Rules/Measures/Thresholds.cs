using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Measures;

/// <summary>The bounds that cohorts hold one measure against, as edges in ascending order, each with the cohorts (by their place in the plan) whose bound's truth changes there.</summary>
internal sealed class Thresholds
{
    private readonly Edge[] _edges;
    private readonly int[][] _cohorts;
    private readonly int[] _all;

    public Thresholds(MeasureFunction function, IEnumerable<(Bound Bound, int Cohort)> uses)
    {
        Function = function;
        var byEdge = uses.SelectMany(use => use.Bound.Edges.Select(edge => (Edge: edge, use.Cohort))).GroupBy(use => use.Edge).OrderBy(group => group.Key).ToArray();
        _edges = [.. byEdge.Select(group => group.Key)];
        _cohorts = [.. byEdge.Select(group => group.Select(use => use.Cohort).Distinct().ToArray())];
        _all = [.. _cohorts.SelectMany(cohorts => cohorts).Distinct()];
    }

    public MeasureFunction Function { get; }

    /// <summary>Of a counted measure the least count that reaches each edge; none of another.</summary>
    public IEnumerable<int> Counts => Function == MeasureFunction.Count ? _edges.Select(edge => edge.LeastCount) : [];

    /// <summary>Marks the cohorts whose bound may have changed its truth between two values.</summary>
    public void MarkCrossed(in Measured before, in Measured after, DirtyCohorts dirty)
    {
        if (before.HasValue != after.HasValue)
        {
            dirty.Add(_all);
            return;
        }

        var (reachedBefore, reachedAfter) = (ReachedBy(before), ReachedBy(after));
        for (var edge = Math.Min(reachedBefore, reachedAfter); edge < Math.Max(reachedBefore, reachedAfter); edge++)
            dirty.Add(_cohorts[edge]);
    }

    /// <summary>How many edges the value has reached.</summary>
    private int ReachedBy(in Measured value)
    {
        if (!value.HasValue)
            return 0;
        var (low, high) = (0, _edges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_edges[middle].IsReachedBy(value))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
