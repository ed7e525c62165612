namespace CohortPipeline.Rules.Plans;

/// <summary>What the last change set asks of every profile, for one cohort.</summary>
[Flags]
public enum SweepWork
{
    None = 0,

    /// <summary>The condition is new: it has to be evaluated.</summary>
    Evaluate = 1,

    /// <summary>Other properties are exported: a member's row has to be written again.</summary>
    RewriteRows = 2,

    /// <summary>The cohort was deleted: members exit.</summary>
    Remove = 4,
}
