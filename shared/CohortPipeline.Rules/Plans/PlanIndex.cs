using System.Collections.Immutable;
using System.Text;

namespace CohortPipeline.Rules.Plans;

/// <summary>Finds what a record touches: behaviors by event type, cohorts by behavior and bound, by property name, by slot. Cohorts are named by their place in the plan, which is the order of their ids.</summary>
internal sealed class PlanIndex
{
    private static readonly int[] NoCohorts = [];

    private readonly PlannedBehavior?[] _behaviors;
    private readonly int[] _placeOfSlot;
    private readonly Dictionary<byte[], EventPlan>.AlternateLookup<ReadOnlySpan<byte>> _events;
    private readonly Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> _properties;
    private readonly EventPlan _otherEvents;

    public PlanIndex(ImmutableArray<PlannedCohort> cohorts, BehaviorSlots slots)
    {
        var filters = new Dictionary<string, int>(StringComparer.Ordinal);
        var uses = Uses(cohorts);
        _behaviors = new PlannedBehavior?[slots.Next];
        foreach (var (slot, behavior) in slots.All)
        {
            if (!filters.TryGetValue(behavior.FilterKey, out var filter))
                filters.Add(behavior.FilterKey, filter = filters.Count);
            _behaviors[slot] = new(slot, behavior, filter, uses[slot]);
        }

        FilterCount = filters.Count;
        (_events, _otherEvents) = EventPlans([.. _behaviors.OfType<PlannedBehavior>()]);
        _properties = Properties(cohorts);
        _placeOfSlot = new int[cohorts.IsEmpty ? 0 : cohorts.Max(cohort => cohort.Slot) + 1];
        Array.Fill(_placeOfSlot, -1);
        for (var place = 0; place < cohorts.Length; place++)
            _placeOfSlot[cohorts[place].Slot] = place;
        HoldForNothing = Places(cohorts, cohort => cohort.HoldsForNothing);
        ToEvaluate = Places(cohorts, cohort => cohort.Sweep.HasFlag(SweepWork.Evaluate));
    }

    /// <summary>How many different filters there are.</summary>
    public int FilterCount { get; }

    /// <summary>Cohorts that a profile without events and properties is in.</summary>
    public int[] HoldForNothing { get; }

    /// <summary>Cohorts that the last change set made new.</summary>
    public int[] ToEvaluate { get; }

    public EventPlan OfEvent(ReadOnlySpan<byte> type) => _events.TryGetValue(type, out var plan) ? plan : _otherEvents;

    /// <summary>Cohorts with a condition on a property of that name, or inside it.</summary>
    public ReadOnlySpan<int> OfProperty(ReadOnlySpan<byte> name) => _properties.TryGetValue(name, out var cohorts) ? cohorts : NoCohorts;

    /// <summary>Null where no live cohort uses the behavior.</summary>
    public PlannedBehavior? OfBehavior(int slot) => slot < _behaviors.Length ? _behaviors[slot] : null;

    /// <summary>The cohort's place; -1 where it is not live.</summary>
    public int PlaceOf(int cohortSlot) => cohortSlot < _placeOfSlot.Length ? _placeOfSlot[cohortSlot] : -1;

    private static Dictionary<int, Threshold[]> Uses(ImmutableArray<PlannedCohort> cohorts) =>
        cohorts
            .SelectMany((cohort, place) => cohort.Needs.Bounds.Select(need => (need.BehaviorSlot, need.Bound, Place: place)))
            .GroupBy(use => use.BehaviorSlot)
            .ToDictionary(
                group => group.Key,
                group => group
                    .GroupBy(use => (use.Bound.Least, use.Bound.Greatest))
                    .Select(bound => new Threshold(bound.Key.Least, bound.Key.Greatest, [.. bound.Select(use => use.Place).Distinct()]))
                    .ToArray());

    private static (Dictionary<byte[], EventPlan>.AlternateLookup<ReadOnlySpan<byte>> Known, EventPlan Others) EventPlans(PlannedBehavior[] behaviors)
    {
        var ofAny = behaviors.Where(behavior => behavior.Behavior.Events.IsAny).ToImmutableArray();
        var plans = new Dictionary<byte[], EventPlan>(Utf8Comparer.Instance);
        var byType = behaviors.SelectMany(behavior => behavior.Behavior.Events.Types.Select(type => (Type: type, Behavior: behavior))).GroupBy(pair => pair.Type, StringComparer.Ordinal);
        foreach (var group in byType)
            plans.Add(Encoding.UTF8.GetBytes(group.Key), new([.. group.Select(pair => pair.Behavior), .. ofAny]));
        return (plans.GetAlternateLookup<ReadOnlySpan<byte>>(), new(ofAny));
    }

    private static Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> Properties(ImmutableArray<PlannedCohort> cohorts)
    {
        var places = new Dictionary<byte[], List<int>>(Utf8Comparer.Instance);
        for (var place = 0; place < cohorts.Length; place++)
        {
            foreach (var name in cohorts[place].Needs.PropertyNames)
            {
                if (!places.TryGetValue(name, out var known))
                    places.Add(name, known = []);
                known.Add(place);
            }
        }

        return places.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    private static int[] Places(ImmutableArray<PlannedCohort> cohorts, Func<PlannedCohort, bool> isWanted) =>
        [.. Enumerable.Range(0, cohorts.Length).Where(place => isWanted(cohorts[place]))];
}
