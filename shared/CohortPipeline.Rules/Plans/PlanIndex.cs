using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Plans.Conditions;

namespace CohortPipeline.Rules.Plans;

/// <summary>Finds what a record touches: behaviors by event type, cohorts by behavior and bound, by property name, by slot. Cohorts are named by their place in the plan, which is the order of their ids.</summary>
internal sealed class PlanIndex
{
    private static readonly int[] NoCohorts = [];

    private readonly PlannedBehavior?[] _behaviors;
    private readonly BehaviorKind?[] _kinds;
    private readonly int[] _placeOfSlot;
    private readonly Dictionary<byte[], EventPlan>.AlternateLookup<ReadOnlySpan<byte>> _events;
    private readonly Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> _properties;
    private readonly EventPlan _otherEvents;

    public PlanIndex(ImmutableArray<PlannedCohort> cohorts, BehaviorSlots slots)
    {
        Order = new(cohorts);
        _behaviors = Behaviors(cohorts, slots);
        _kinds = [.. _behaviors.Select(behavior => behavior?.Kind)];
        var planned = _behaviors.OfType<PlannedBehavior>().ToArray();
        (_events, _otherEvents) = EventPlans(planned);
        _properties = Properties(cohorts);
        Moments = [.. planned.Where(behavior => behavior.Behavior.Memory is FirstMoment).Select(behavior => new PlannedMoment(behavior.Slot, (FirstMoment)behavior.Behavior.Memory))];
        Timed = TimedTests(cohorts);
        _placeOfSlot = new int[cohorts.IsEmpty ? 0 : cohorts.Max(cohort => cohort.Slot) + 1];
        Array.Fill(_placeOfSlot, -1);
        for (var place = 0; place < cohorts.Length; place++)
            _placeOfSlot[cohorts[place].Slot] = place;
        HoldForNothing = Places(cohorts, cohort => cohort.HoldsForNothing);
        ToEvaluate = Places(cohorts, cohort => cohort.Sweep.HasFlag(SweepWork.Evaluate));
    }

    public CohortOrder Order { get; }

    /// <summary>Cohorts that a profile without events and properties is in.</summary>
    public int[] HoldForNothing { get; }

    /// <summary>Cohorts that the last change set made new.</summary>
    public int[] ToEvaluate { get; }

    /// <summary>Moments of properties to be remembered.</summary>
    public PlannedMoment[] Moments { get; }

    /// <summary>Properties whose place in time cohorts look at.</summary>
    public PlannedTimedTest[] Timed { get; }

    public EventPlan OfEvent(ReadOnlySpan<byte> type) => _events.TryGetValue(type, out var plan) ? plan : _otherEvents;

    /// <summary>Cohorts with a condition on a property of that name, or inside it.</summary>
    public ReadOnlySpan<int> OfProperty(ReadOnlySpan<byte> name) => _properties.TryGetValue(name, out var cohorts) ? cohorts : NoCohorts;

    /// <summary>What is to be known of a behavior for an event; null where no live cohort uses it.</summary>
    public BehaviorKind? KindOf(int slot) => slot < _kinds.Length ? _kinds[slot] : null;

    /// <summary>Null where no live cohort uses the behavior.</summary>
    public PlannedBehavior? OfBehavior(int slot) => slot < _behaviors.Length ? _behaviors[slot] : null;

    /// <summary>The cohort's place; -1 where it is not live.</summary>
    public int PlaceOf(int cohortSlot) => cohortSlot < _placeOfSlot.Length ? _placeOfSlot[cohortSlot] : -1;

    private static PlannedBehavior?[] Behaviors(ImmutableArray<PlannedCohort> cohorts, BehaviorSlots slots)
    {
        var uses = cohorts.SelectMany((cohort, place) => cohort.Needs.Behaviors.Select(use => (Use: use, Place: place))).ToLookup(use => use.Use.Slot);
        var kinds = new BehaviorKinds();
        var behaviors = new PlannedBehavior?[slots.Next];
        foreach (var (slot, behavior) in slots.All)
        {
            var thresholds = ThresholdsOf(uses[slot]);
            behaviors[slot] = new(slot, behavior, kinds.Of(behavior, thresholds.SelectMany(of => of.Counts)), thresholds, [.. uses[slot].Select(use => use.Place).Distinct()]);
        }

        return behaviors;
    }

    private static Thresholds[] ThresholdsOf(IEnumerable<(BehaviorUse Use, int Place)> uses) =>
        [.. uses
            .Where(use => use.Use.Bound is not null)
            .GroupBy(use => use.Use.Function)
            .Select(group => new Thresholds(group.Key, group.Select(use => (use.Use.Bound!, use.Place))))];

    private static (Dictionary<byte[], EventPlan>.AlternateLookup<ReadOnlySpan<byte>> Known, EventPlan Others) EventPlans(PlannedBehavior[] behaviors)
    {
        var uses = new FilterUses(behaviors.SelectMany(behavior => behavior.Behavior.Matches.Select((match, step) => new PlannedStep(behavior, match, 1u << step))));
        var places = Enumerable.Range(0, uses.Steps.Count).ToArray();
        int[] ofAny = [.. places.Where(place => uses.Steps[place].Match.Events.IsAny)];
        var plans = new Dictionary<byte[], EventPlan>(Utf8Comparer.Instance);
        foreach (var ofType in places.SelectMany(place => uses.Steps[place].Match.Events.Types.Select(type => (Type: type, Place: place))).GroupBy(use => use.Type, use => use.Place, StringComparer.Ordinal))
            plans.Add(Encoding.UTF8.GetBytes(ofType.Key), new(uses, new(places.Length, ofType.Concat(ofAny))));
        return (plans.GetAlternateLookup<ReadOnlySpan<byte>>(), new(uses, new(places.Length, ofAny)));
    }

    private static Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> Properties(ImmutableArray<PlannedCohort> cohorts) =>
        cohorts
            .SelectMany((cohort, place) => cohort.Needs.PropertyNames.Select(name => (Name: name, Place: place)))
            .GroupBy(use => use.Name, use => use.Place, Utf8Comparer.Instance)
            .ToDictionary(group => group.Key, group => group.ToArray(), Utf8Comparer.Instance)
            .GetAlternateLookup<ReadOnlySpan<byte>>();

    private static PlannedTimedTest[] TimedTests(ImmutableArray<PlannedCohort> cohorts) =>
        [.. cohorts
            .SelectMany((cohort, place) => cohort.Needs.Timed.Select(timed => (timed.Path, timed.Test, Place: place)))
            .GroupBy(timed => (timed.Path.Text, timed.Test.Key))
            .Select(group => new PlannedTimedTest(group.First().Path, group.First().Test, [.. group.Select(timed => timed.Place).Distinct()]))];

    private static int[] Places(ImmutableArray<PlannedCohort> cohorts, Func<PlannedCohort, bool> isWanted) =>
        [.. Enumerable.Range(0, cohorts.Length).Where(place => isWanted(cohorts[place]))];
}
