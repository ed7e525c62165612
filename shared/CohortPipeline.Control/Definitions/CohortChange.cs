namespace CohortPipeline.Control;

public enum CohortChangeKind
{
    Created,
    Changed,

    /// <summary>The same content is there already: no new version, nothing written.</summary>
    Unchanged,
    Deleted,
}

/// <summary>What a change set did to one cohort.</summary>
public sealed record CohortChange(string Id, int Version, CohortChangeKind Kind);

/// <summary>What a change set did; <see cref="Change"/> is its id, null where nothing had to be written.</summary>
public sealed record CohortChangeSet(string? Change, IReadOnlyList<CohortChange> Cohorts);
