using System.Collections.Immutable;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>
/// The plans that profiles of a partition may be under: the one that all have come to, and those that they are being moved
/// to, one after the other. Immutable, so that an abort goes back to the ones before.
/// </summary>
/// <param name="Base">No profile is under an older one.</param>
/// <param name="Pending">In the order of their generations, each one more than the one before.</param>
internal sealed record PartitionPlans(CohortPlan Base, ImmutableArray<PlanEdition> Pending)
{
    public PartitionPlans(CohortPlan plan)
        : this(plan, [])
    {
    }

    /// <summary>The plan that new records are applied under.</summary>
    public CohortPlan Current => Pending.IsEmpty ? Base : Pending[^1].Plan;

    /// <summary>The plan of a generation.</summary>
    /// <exception cref="InvalidOperationException">A profile is under a plan that the partition does not have.</exception>
    public CohortPlan Of(int generation) => generation == Base.Generation ? Base : EditionAfter(generation - 1).Plan;

    /// <summary>What moves a profile of a generation to the next one.</summary>
    public PlanEdition EditionAfter(int generation) => (uint)(generation - Base.Generation) < (uint)Pending.Length
        ? Pending[generation - Base.Generation]
        : throw new InvalidOperationException($"a profile is under plan generation {generation}, the partition has {Base.Generation} to {Current.Generation}");

    public PartitionPlans With(PlanEdition edition) => this with { Pending = Pending.Add(edition) };

    /// <summary>When every profile has come to the current plan.</summary>
    public PartitionPlans Settled() => new(Current);
}
