using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.Rules.Plans;

/// <summary>
/// All live definitions of a partition, compiled. Immutable: a change set makes another plan of it. Slots depend on the
/// sequence of change sets alone, so that every partition, which applies the same ones in the same order, has the same.
/// </summary>
public sealed class CohortPlan
{
    private readonly ImmutableArray<PlannedCohort> _cohorts;
    private readonly ImmutableArray<PlannedCohort> _removed;
    private readonly BehaviorSlots _slots;
    private readonly PlanIndex _index;

    private CohortPlan(int generation, ImmutableArray<PlannedCohort> cohorts, ImmutableArray<PlannedCohort> removed, int nextCohortSlot, BehaviorSlots slots)
    {
        Generation = generation;
        NextCohortSlot = nextCohortSlot;
        _cohorts = cohorts;
        _removed = removed;
        _slots = slots;
        _index = new(cohorts, slots);
    }

    public static CohortPlan Empty { get; } = new(0, [], [], 0, new(0));

    /// <summary>How many change sets were applied. A profile is moved from one generation to the next, one at a time.</summary>
    public int Generation { get; }

    /// <summary>The live cohorts, in ordinal order of their ids.</summary>
    public ImmutableArray<PlannedCohort> Cohorts => _cohorts;

    /// <summary>The cohorts that the last change set deleted, in ordinal order of their ids.</summary>
    public ImmutableArray<PlannedCohort> Removed => _removed;

    /// <summary>The slot that the next new cohort gets.</summary>
    public int NextCohortSlot { get; }

    /// <summary>The slot that the next new behavior gets.</summary>
    public int NextBehaviorSlot => _slots.Next;

    internal PlanIndex Index => _index;

    /// <summary>Null where no such cohort is live.</summary>
    public PlannedCohort? Find(string cohortId)
    {
        foreach (var cohort in _cohorts)
        {
            if (cohort.Definition.Id == cohortId)
                return cohort;
        }

        return null;
    }

    /// <summary>Why a change set cannot be applied, as references between cohorts have it; empty if it can.</summary>
    public string WhyNot(IReadOnlyList<CohortChange> changeSet)
    {
        var definitions = _cohorts.ToDictionary(cohort => cohort.Definition.Id, cohort => cohort.Definition, StringComparer.Ordinal);
        foreach (var change in changeSet)
        {
            if (change.Definition is { } definition)
                definitions[change.CohortId] = definition;
            else
                definitions.Remove(change.CohortId);
        }

        return string.Join(' ', CohortReferences.Check(definitions.ToDictionary(entry => entry.Key, entry => CohortReferences.Of(entry.Value), StringComparer.Ordinal)));
    }

    /// <summary>The plan after a change set that nothing stands against (<see cref="WhyNot"/>), which holds each cohort at most once. The order of its parts decides the slots of what is new.</summary>
    public CohortPlan Apply(IReadOnlyList<CohortChange> changeSet)
    {
        var cohorts = new SortedDictionary<string, PlannedCohort>(StringComparer.Ordinal);
        foreach (var cohort in _cohorts)
            cohorts.Add(cohort.Definition.Id, cohort.Sweep == SweepWork.None ? cohort : cohort.With(cohort.Version, SweepWork.None));
        var removed = new SortedDictionary<string, PlannedCohort>(StringComparer.Ordinal);
        var slots = new BehaviorSlots(_slots.Next);
        foreach (var (slot, behavior) in _slots.All)
            slots.Keep(slot, behavior);
        var nextCohortSlot = NextCohortSlot;
        var cohortSlots = _cohorts.ToDictionary(cohort => cohort.Definition.Id, cohort => cohort.Slot, StringComparer.Ordinal);
        foreach (var change in changeSet)
        {
            if (change.Definition is not null && cohortSlots.TryAdd(change.CohortId, nextCohortSlot))
                nextCohortSlot++;
        }

        var context = new CompileContext(slots, cohortSlots);
        foreach (var change in changeSet)
        {
            if (change.Definition is { } named && named.Id != change.CohortId)
                throw new InvalidOperationException($"a change of {change.CohortId} holds the definition of {named.Id}");
            var present = cohorts.GetValueOrDefault(change.CohortId);
            if (change.Definition is { } definition)
                cohorts[change.CohortId] = present is null ? Compile(definition, change.Version, context, SweepWork.Evaluate) : Edit(present, definition, change.Version, context);
            else if (cohorts.Remove(change.CohortId))
                removed[change.CohortId] = present!.With(change.Version, SweepWork.Remove);
        }

        return new(Generation + 1, [.. cohorts.Values], [.. removed.Values], nextCohortSlot, slots.UsedBy(cohorts.Values));
    }

    /// <summary>The plan in parts that can be stored.</summary>
    public PlanSnapshot ToSnapshot() => new(
        Generation,
        NextCohortSlot,
        NextBehaviorSlot,
        [.. _cohorts.Concat(_removed).OrderBy(cohort => cohort.Definition.Id, StringComparer.Ordinal).Select(ToEntry)]);

    /// <summary>The plan that the snapshot was taken of.</summary>
    /// <exception cref="InvalidOperationException">No plan has such a snapshot.</exception>
    public static CohortPlan Restore(PlanSnapshot snapshot)
    {
        var slots = new BehaviorSlots(snapshot.NextBehaviorSlot);
        var context = new CompileContext(slots, snapshot.Entries.ToDictionary(entry => entry.CohortId, entry => entry.Slot, StringComparer.Ordinal));
        var cohorts = new List<PlannedCohort>();
        var removed = new List<PlannedCohort>();
        foreach (var entry in snapshot.Entries.OrderBy(entry => entry.CohortId, StringComparer.Ordinal))
        {
            var parsed = DefinitionParser.Parse(entry.Definition.Span, entry.CohortId);
            if (parsed.Definitions is not [var definition] || definition.Id != entry.CohortId)
                throw new InvalidOperationException($"the stored definition of {entry.CohortId} is none: {string.Join("; ", parsed.Errors)}");
            slots.Expect(entry.BehaviorSlots);
            var cohort = Compile(definition, entry.Version, context, entry.Sweep);
            if (slots.HasExpected || slots.Next != snapshot.NextBehaviorSlot)
                throw new InvalidOperationException($"the stored slots of {entry.CohortId} are {entry.BehaviorSlots.Count}, its definition measures {cohort.Needs.Behaviors.Count} behaviors");
            (entry.Sweep == SweepWork.Remove ? removed : cohorts).Add(cohort);
        }

        return new(snapshot.Generation, [.. cohorts], [.. removed], snapshot.NextCohortSlot, slots.UsedBy(cohorts));
    }

    private static PlannedCohort Compile(CohortDefinition definition, int version, CompileContext context, SweepWork sweep) =>
        new(definition, version, context.CohortSlot(definition.Id), definition.Where.Compile(context), sweep);

    /// <summary>An edit that leaves the condition as it was moves nobody.</summary>
    private static PlannedCohort Edit(PlannedCohort present, CohortDefinition definition, int version, CompileContext context)
    {
        var exportsChanged = !present.Definition.ExportProperties.SequenceEqual(definition.ExportProperties, StringComparer.Ordinal);
        var sweep = exportsChanged ? SweepWork.RewriteRows : SweepWork.None;
        var isSameCondition = present.Definition.TimeZone == definition.TimeZone
            && CanonicalJson.ToText(present.Definition.Where.Write) == CanonicalJson.ToText(definition.Where.Write);
        return isSameCondition
            ? present.With(definition, version, sweep)
            : Compile(definition, version, context, sweep | SweepWork.Evaluate);
    }

    private static PlanEntry ToEntry(PlannedCohort cohort) => new(
        cohort.Definition.Id,
        cohort.Version,
        cohort.Slot,
        DefinitionWriter.ToJson(cohort.Definition),
        [.. cohort.Needs.Behaviors.Select(use => use.Slot)],
        cohort.Sweep);
}
