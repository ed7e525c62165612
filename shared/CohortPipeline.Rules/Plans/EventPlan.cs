using System.Collections.Immutable;
using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Filters.Index;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a plan does with events of one type: the behaviors that they may match, found by the filters that do.</summary>
internal sealed class EventPlan
{
    private readonly FilterUse[][] _uses;

    /// <param name="steps">The behaviors' steps that take events of the type.</param>
    public EventPlan(IEnumerable<PlannedStep> steps)
    {
        var known = steps.ToArray();
        Behaviors = [.. known.Select(step => step.Behavior).Distinct()];
        var places = Behaviors.Select((behavior, place) => (behavior, place)).ToDictionary(entry => entry.behavior, entry => entry.place);
        var byFilter = known.GroupBy(step => step.Match.FilterKey, StringComparer.Ordinal).ToArray();
        Filters = new([.. byFilter.Select(group => group.First().Match.Where)]);
        _uses = [.. byFilter.Select(group => group.Select(step => new FilterUse(places[step.Behavior], step.Bit)).ToArray())];
        UsesProperties = Filters.UsesProperties || Behaviors.Any(behavior => behavior.Behavior.Memory.Of is { IsInContext: false });
        UsesContext = Filters.UsesContext || Behaviors.Any(behavior => behavior.Behavior.Memory.Of is { IsInContext: true });
    }

    public ImmutableArray<PlannedBehavior> Behaviors { get; }

    /// <summary>The different filters of the behaviors' steps.</summary>
    public FilterIndex Filters { get; }

    /// <summary>Some filter or measure looks at the event's properties.</summary>
    public bool UsesProperties { get; }

    /// <summary>Some filter or measure looks at the event's context.</summary>
    public bool UsesContext { get; }

    /// <summary>What an event that matches a filter stands for.</summary>
    public ReadOnlySpan<FilterUse> UsesOf(int filter) => _uses[filter];
}

/// <summary>A step of a behavior; a <c>did</c> has one.</summary>
/// <param name="Bit">Of the step in its sequence.</param>
internal sealed record PlannedStep(PlannedBehavior Behavior, EventMatch Match, uint Bit);

/// <param name="Behavior">Its place in the event's plan.</param>
/// <param name="Bit">The step that the event stands for.</param>
internal readonly record struct FilterUse(int Behavior, uint Bit);
