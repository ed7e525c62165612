using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>The behaviors of an event's plan that the event at hand matches, each with its steps. Kept by a lane and used again, for any plan.</summary>
internal sealed class MatchedBehaviors
{
    private readonly FilterMatches _filters = new();
    private uint[] _steps = [];
    private int[] _matched = [];
    private int _count;

    /// <summary>Places in the event's plan.</summary>
    public ReadOnlySpan<int> Places => _matched.AsSpan(0, _count);

    public void Find(EventPlan plan, EventValues values)
    {
        if (_steps.Length < plan.Behaviors.Length)
        {
            _steps = new uint[plan.Behaviors.Length];
            _matched = new int[plan.Behaviors.Length];
        }

        _count = 0;
        plan.Filters.Find(values, _filters);
        foreach (var filter in _filters.Found)
        {
            foreach (var use in plan.UsesOf(filter))
                Add(use);
        }
    }

    /// <summary>The steps of the behavior at a place, as bits.</summary>
    public uint TakeSteps(int place)
    {
        var steps = _steps[place];
        _steps[place] = 0;
        return steps;
    }

    private void Add(in FilterUse use)
    {
        if (_steps[use.Behavior] == 0)
            _matched[_count++] = use.Behavior;
        _steps[use.Behavior] |= use.Bit;
    }
}
