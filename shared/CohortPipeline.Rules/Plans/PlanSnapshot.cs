namespace CohortPipeline.Rules.Plans;

/// <summary>A plan in the parts that are stored: <see cref="CohortPlan.Restore"/> makes the same plan of them.</summary>
/// <param name="Generation">How many change sets were applied.</param>
/// <param name="Entries">One a cohort, in ordinal order of ids; those that the last change set deleted among them.</param>
public sealed record PlanSnapshot(int Generation, int NextCohortSlot, int NextBehaviorSlot, IReadOnlyList<PlanEntry> Entries);

/// <summary>One cohort of a stored plan.</summary>
/// <param name="Definition">Canonical JSON; of a deleted cohort its last one.</param>
/// <param name="BehaviorSlots">In the order in which the definition names the behaviors.</param>
public sealed record PlanEntry(string CohortId, int Version, int Slot, ReadOnlyMemory<byte> Definition, IReadOnlyList<int> BehaviorSlots, SweepWork Sweep);
