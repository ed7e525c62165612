namespace CohortPipeline.Rules.Plans;

/// <summary>What clauses need to become conditions.</summary>
/// <param name="Behaviors">Gives behaviors their slots.</param>
/// <param name="CohortSlots">The slots of the cohorts of the plan that is being made, by id.</param>
internal sealed record CompileContext(BehaviorSlots Behaviors, IReadOnlyDictionary<string, int> CohortSlots)
{
    private const int NoSlot = -1;

    /// <summary>A slot that no profile is in for a cohort that there is not: whoever writes change sets refuses such a definition, and only one that is being deleted itself can come here with it.</summary>
    public int CohortSlot(string id) => CohortSlots.GetValueOrDefault(id, NoSlot);
}
