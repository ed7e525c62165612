using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>The behaviors that the event at hand matches, each with its steps. Kept by a lane and used again, for any plan.</summary>
internal sealed class MatchedBehaviors
{
    private readonly FilterMatches _filters = new();
    private readonly DistinctNumbers _slots = new();
    private FilterUse[] _matched = new FilterUse[8];

    /// <summary>Each behavior once, with all of its steps that the event stands for.</summary>
    public ReadOnlySpan<FilterUse> Found => _matched.AsSpan(0, _slots.Count);

    public void Find(EventPlan plan, EventValues values)
    {
        _slots.Clear();
        plan.Filters.Find(values, _filters);
        foreach (var filter in _filters.Found)
        {
            for (var place = 0; plan.TryNext(filter, ref place, out var use);)
                Add(use);
        }
    }

    private void Add(in FilterUse use)
    {
        if (!_slots.Add(use.Slot, out var place))
        {
            _matched[place] = use with { Steps = _matched[place].Steps | use.Steps };
            return;
        }

        if (place == _matched.Length)
            Array.Resize(ref _matched, place * 2);
        _matched[place] = use;
    }
}
