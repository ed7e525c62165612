using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Explain;

/// <summary>Explains memberships: a pure function of plan, profile and instant, which leaves the profile alone.</summary>
public static class Explainer
{
    /// <summary>Timers that are looked through for the next flip of each clause.</summary>
    private const int TimersMax = 10_000;

    /// <param name="plan">The one that the profile is under.</param>
    /// <param name="stored">The profile as <see cref="ProfileCodec"/> writes it; empty for one that does not exist.</param>
    /// <param name="instant">Not before the profile's last instant; an earlier one is taken for that.</param>
    /// <returns>Null where the cohort is not live.</returns>
    public static Explanation? Explain(CohortPlan plan, ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, string cohortId, long instant)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Find(cohortId) is not { } cohort)
            return null;
        var profile = new Profile();
        ProfileCodec.Read(key, stored, profile);
        var (stepper, transition) = (new Stepper(), new Transition());
        var at = Math.Max(instant, profile.LastInstant);
        if (profile.Exists)
        {
            while (stepper.TryFire(plan, profile, at + 1, transition))
            {
                // What is due by then has happened by then.
            }

            stepper.PassTime(plan, profile, at, transition);
        }

        var where = cohort.Condition.Explain(profile, new());
        Membership? membership = profile.TryGetMembership(cohort.Slot, out var found) ? found : null;
        var future = where;
        for (var timer = 0; timer < TimersMax && profile.Exists && stepper.TryFire(plan, profile, Profile.NoTimer, transition); timer++)
            future = Flipped(future, cohort.Condition.Explain(profile, new()), profile.LastInstant);
        return new(cohortId, at, profile.Exists, future, future.NextFlip, membership);
    }

    /// <summary>The clauses as they were, with the instant noted of those that are another way now for the first time.</summary>
    private static ExplainedClause Flipped(ExplainedClause before, ExplainedClause now, long instant) => before with
    {
        NextFlip = before.NextFlip ?? (before.Holds == now.Holds ? null : instant),
        Parts = [.. before.Parts.Zip(now.Parts, (part, partNow) => Flipped(part, partNow, instant))],
    };
}
