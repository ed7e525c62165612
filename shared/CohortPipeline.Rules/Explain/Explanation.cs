using System.Collections.Immutable;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Explain;

/// <summary>Why a profile is in a cohort at an instant, or is not (<c>docs/spec/cohorts.md</c> §9).</summary>
/// <param name="At">Epoch milliseconds.</param>
/// <param name="Exists">Some record was applied to the profile: others are in no cohort, whatever the clauses say.</param>
/// <param name="NextFlip">When the definition's answer changes by time alone; null if it does not.</param>
/// <param name="Membership">Since when, and with which version, the profile is a member; null if it is none.</param>
public sealed record Explanation(string CohortId, long At, bool Exists, ExplainedClause Where, long? NextFlip, Membership? Membership)
{
    public bool Holds => Exists && Where.Holds;
}

/// <summary>A clause of the definition as a profile meets it.</summary>
/// <param name="Clause">In canonical JSON; of <c>all</c>, <c>any</c> and <c>not</c> the name alone.</param>
/// <param name="Actual">What was found; empty for clauses over others.</param>
/// <param name="Required">What it was held against; empty for clauses over others.</param>
public sealed record ExplainedClause(string Clause, bool Holds, string Actual, string Required, ImmutableArray<ExplainedClause> Parts)
{
    /// <summary>When the clause's answer changes by time alone, epoch milliseconds; null if it does not.</summary>
    public long? NextFlip { get; init; }

    internal static ExplainedClause Over(string name, bool holds, IEnumerable<ExplainedClause> parts) => new(name, holds, "", "", [.. parts]);

    internal static ExplainedClause Leaf(string clause, bool holds, string actual, string required) => new(clause, holds, actual, required, []);
}
