using CohortPipeline.Rules.Behaviors;
using CohortPipeline.Rules.Filters.Index;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Plans;

/// <summary>What a plan does with events of one type: the filters that they are held against, and what they stand for where one matches.</summary>
internal sealed class EventPlan
{
    private readonly FilterUses _all;
    private readonly NumberSet _uses;

    /// <param name="all">The uses of all event types.</param>
    /// <param name="uses">Of these the places of the type's.</param>
    public EventPlan(FilterUses all, NumberSet uses)
    {
        (_all, _uses) = (all, uses);
        IsEmpty = uses.IsEmpty;
        Filters = all.FiltersOf(uses);
        UsesProperties = Filters.UsesProperties || all.AnyMeasures(uses, isInContext: false);
        UsesContext = Filters.UsesContext || all.AnyMeasures(uses, isInContext: true);
    }

    /// <summary>No behavior takes events of the type.</summary>
    public bool IsEmpty { get; }

    /// <summary>The different filters of the behaviors' steps.</summary>
    public FilterView Filters { get; }

    /// <summary>Some filter or measure looks at the event's properties.</summary>
    public bool UsesProperties { get; }

    /// <summary>Some filter or measure looks at the event's context.</summary>
    public bool UsesContext { get; }

    /// <summary>What an event of the type that matches a filter stands for, one after the other.</summary>
    /// <param name="place">0 to begin with.</param>
    public bool TryNext(int filter, ref int place, out FilterUse use) => _all.TryNext(filter, _uses, ref place, out use);
}

/// <summary>A step of a behavior; a <c>did</c> has one.</summary>
/// <param name="Bit">Of the step in its sequence.</param>
internal sealed record PlannedStep(PlannedBehavior Behavior, EventMatch Match, uint Bit);

/// <summary>What an event counts for: a step of a behavior, with all of the behavior that is asked for an event.</summary>
/// <param name="Slot">The behavior's.</param>
/// <param name="Steps">The steps that the event stands for, as bits.</param>
internal readonly record struct FilterUse(int Slot, uint Steps, BehaviorKind Kind);
