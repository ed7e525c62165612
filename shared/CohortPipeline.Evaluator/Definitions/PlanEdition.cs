using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>A change set that was applied, to whose plan profiles are being moved, with the time as it was there: so a profile that is moved later gets the same deltas.</summary>
/// <param name="Plan">With the set.</param>
/// <param name="Watermark">Of the partition at the set's last marker.</param>
/// <param name="TimerLimit">Timers due before it come before the set.</param>
/// <param name="Offset">Of the set's last marker in <c>activity</c>.</param>
/// <param name="ChangeSet">What was changed.</param>
internal sealed record PlanEdition(CohortPlan Plan, long Watermark, long TimerLimit, long Offset, OpenChangeSet ChangeSet);
