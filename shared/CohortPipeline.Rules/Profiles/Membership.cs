namespace CohortPipeline.Rules.Profiles;

/// <summary>A cohort that the profile is in, and its last change there, as its row in <c>memberships</c> has it.</summary>
/// <param name="CohortSlot">The cohort's slot in the plan.</param>
/// <param name="EnteredAt">Epoch milliseconds.</param>
/// <param name="Version">The profile's version of that change.</param>
/// <param name="ComputedAt">Whole epoch seconds.</param>
public readonly record struct Membership(int CohortSlot, long EnteredAt, long Version, long ComputedAt)
{
    /// <summary>Instant of the last change: the entering.</summary>
    public long At => EnteredAt;
}
