using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

/// <summary>
/// All filters of a plan's behaviors, equal ones once, and what an event stands for that matches one. It is kept once for all
/// event types, each of which has a set of places in it: so it stays small, however many types a definition names.
/// </summary>
internal sealed class FilterUses
{
    private readonly FilterIndex _index;
    private readonly PlannedStep[] _steps;
    private readonly FilterUse[] _uses;
    private readonly int[] _filters;

    /// <summary>By filter; one more says where the uses of the last one end.</summary>
    private readonly int[] _firstUse;

    public FilterUses(IEnumerable<PlannedStep> steps)
    {
        var byFilter = steps.GroupBy(step => step.Match.FilterKey, StringComparer.Ordinal).ToArray();
        _index = new([.. byFilter.Select(group => group.First().Match.Where)]);
        _steps = [.. byFilter.SelectMany(group => group)];
        _uses = [.. _steps.Select(step => new FilterUse(step.Behavior.Slot, step.Bit, step.Behavior.Kind))];
        _filters = [.. byFilter.SelectMany((group, filter) => group.Select(_ => filter))];
        _firstUse = new int[byFilter.Length + 1];
        for (var filter = 0; filter < byFilter.Length; filter++)
            _firstUse[filter + 1] = _firstUse[filter] + byFilter[filter].Count();
    }

    /// <summary>The steps, at the places of their uses.</summary>
    public IReadOnlyList<PlannedStep> Steps => _steps;

    public FilterView FiltersOf(NumberSet uses) => _index.View(new(_index.Count, uses.Select(use => _filters[use])));

    /// <summary>Whether some of the uses measure a property of the event's, or of its context.</summary>
    public bool AnyMeasures(NumberSet uses, bool isInContext) =>
        uses.Any(use => _steps[use].Behavior.Kind.Memory.Of is { } of && of.IsInContext == isInContext);

    /// <summary>The next of a filter's uses that are in a set.</summary>
    /// <param name="place">0 to begin with, then as it was left.</param>
    public bool TryNext(int filter, NumberSet uses, ref int place, out FilterUse use)
    {
        var (first, end) = (_firstUse[filter], _firstUse[filter + 1]);
        var found = uses.NextFrom(first + place, end);
        place = found + 1 - first;
        use = found < end ? _uses[found] : default;
        return found < end;
    }
}
