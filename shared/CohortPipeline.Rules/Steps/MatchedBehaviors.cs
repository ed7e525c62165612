using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>The behaviors that the event at hand matches, each with its steps. Kept by a lane and used again, for any plan.</summary>
internal sealed class MatchedBehaviors
{
    private readonly FilterMatches _filters = new();
    private FilterUse[] _matched = new FilterUse[8];
    private int _count;

    /// <summary>By slot; 0 of behaviors that are not matched, or whose steps were taken.</summary>
    private uint[] _steps = [];

    /// <summary>Each behavior once, by the first of its steps that was found.</summary>
    public ReadOnlySpan<FilterUse> Found => _matched.AsSpan(0, _count);

    public void Find(EventPlan plan, EventValues values)
    {
        _count = 0;
        plan.Filters.Find(values, _filters);
        foreach (var filter in _filters.Found)
        {
            foreach (ref readonly var use in plan.UsesOf(filter))
                Add(use);
        }
    }

    /// <summary>The steps of a behavior that was found, as bits.</summary>
    public uint TakeSteps(int slot)
    {
        var steps = _steps[slot];
        _steps[slot] = 0;
        return steps;
    }

    private void Add(in FilterUse use)
    {
        if (use.Slot >= _steps.Length)
            Array.Resize(ref _steps, Math.Max(use.Slot + 1, _steps.Length * 2));
        if (_steps[use.Slot] == 0)
        {
            if (_count == _matched.Length)
                Array.Resize(ref _matched, _count * 2);
            _matched[_count++] = use;
        }

        _steps[use.Slot] |= use.Bit;
    }
}
