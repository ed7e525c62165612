using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Ranges;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a plan does with events of one type: the behaviors that they may match, found by the filters that do.</summary>
internal sealed class EventPlan
{
    private readonly FilterUse[] _uses;

    /// <summary>By filter; one more says where the uses of the last one end.</summary>
    private readonly int[] _firstUse;

    /// <param name="steps">The behaviors' steps that take events of the type.</param>
    public EventPlan(IEnumerable<PlannedStep> steps)
    {
        var known = steps.ToArray();
        var byFilter = known.GroupBy(step => step.Match.FilterKey, StringComparer.Ordinal).ToArray();
        Filters = new([.. byFilter.Select(group => group.First().Match.Where)]);
        _uses = [.. byFilter.SelectMany(group => group).Select(step => new FilterUse(step.Behavior.Slot, step.Bit, step.Behavior.Memory, step.Behavior.Range))];
        _firstUse = new int[byFilter.Length + 1];
        for (var filter = 0; filter < byFilter.Length; filter++)
            _firstUse[filter + 1] = _firstUse[filter] + byFilter[filter].Count();
        UsesProperties = Filters.UsesProperties || known.Any(step => step.Behavior.Memory.Of is { IsInContext: false });
        UsesContext = Filters.UsesContext || known.Any(step => step.Behavior.Memory.Of is { IsInContext: true });
    }

    /// <summary>No behavior takes events of the type.</summary>
    public bool IsEmpty => _uses.Length == 0;

    /// <summary>The different filters of the behaviors' steps.</summary>
    public FilterIndex Filters { get; }

    /// <summary>Some filter or measure looks at the event's properties.</summary>
    public bool UsesProperties { get; }

    /// <summary>Some filter or measure looks at the event's context.</summary>
    public bool UsesContext { get; }

    /// <summary>What an event that matches a filter stands for.</summary>
    public ReadOnlySpan<FilterUse> UsesOf(int filter) => _uses.AsSpan(_firstUse[filter].._firstUse[filter + 1]);
}

/// <summary>A step of a behavior; a <c>did</c> has one.</summary>
/// <param name="Bit">Of the step in its sequence.</param>
internal sealed record PlannedStep(PlannedBehavior Behavior, EventMatch Match, uint Bit);

/// <summary>What an event counts for: a step of a behavior, with all of the behavior that is asked for an event.</summary>
/// <param name="Slot">The behavior's.</param>
/// <param name="Steps">The steps that the event stands for, as bits.</param>
internal readonly record struct FilterUse(int Slot, uint Steps, EventMemory Memory, EventRange Range);
