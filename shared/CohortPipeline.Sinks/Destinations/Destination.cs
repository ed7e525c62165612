namespace CohortPipeline.Sinks;

/// <summary>How often a destination is told.</summary>
public enum Cadence
{
    RealTime,

    /// <summary>At each UTC hour.</summary>
    Hourly,

    /// <summary>At each UTC midnight.</summary>
    Daily,
}

/// <summary>Whether a record's <c>traceparent</c> travels inside the payload, because the destination has no headers.</summary>
public enum TraceContextMode
{
    /// <summary>The vendor's bytes, untouched.</summary>
    Off,

    Field,
}

/// <summary>
/// A configured target: one record of the compacted topic <c>destinations</c>. Parsed, validated, defaults filled in. What
/// the fields mean stands in <c>docs/spec/destinations.md</c>.
/// </summary>
public abstract record Destination
{
    /// <summary>Letters in lower case, digits, <c>_</c> and <c>-</c>: part of the consumer group's name and of file names.</summary>
    public required string Id { get; init; }

    public required CohortSelection Cohorts { get; init; }

    public required Cadence Cadence { get; init; }

    /// <summary>Null where <see cref="Endpoint"/> is a folder.</summary>
    public string? Region { get; init; }

    /// <summary>Null: AWS itself.</summary>
    public DestinationEndpoint? Endpoint { get; init; }

    public TraceContextMode TraceContext { get; init; }

    /// <summary>The word of the field <c>sink</c>.</summary>
    public abstract string Sink { get; }
}

/// <summary>The cohorts that a destination is told of: named ones, or every one there is and will be.</summary>
public sealed class CohortSelection
{
    private readonly HashSet<string> _ids;

    private CohortSelection(IReadOnlyList<string> ids, bool isAll)
    {
        Ids = ids;
        IsAll = isAll;
        _ids = [.. ids];
    }

    /// <summary>Stands alone, for every cohort.</summary>
    public const string Star = "*";

    /// <summary><c>["*"]</c>.</summary>
    public static CohortSelection All { get; } = new([], isAll: true);

    public static CohortSelection None { get; } = new([], isAll: false);

    public static CohortSelection Of(IReadOnlyList<string> ids) => new(ids, isAll: false);

    public bool IsAll { get; }

    /// <summary>The named ones, in the order of the definition; empty with <see cref="IsAll"/>.</summary>
    public IReadOnlyList<string> Ids { get; }

    public bool IsNone => !IsAll && Ids.Count == 0;

    public bool Includes(string cohortId) => IsAll || _ids.Contains(cohortId);

    public bool IsSame(CohortSelection other) => IsAll == other.IsAll && _ids.SetEquals(other._ids);

    /// <summary>Those that are in both.</summary>
    public CohortSelection And(CohortSelection other) => IsAll ? other : Of([.. Ids.Where(other.Includes)]);

    /// <summary>Those that are in either.</summary>
    public CohortSelection Or(CohortSelection other) => IsAll || other.IsAll ? All : Of([.. Ids.Union(other.Ids)]);

    /// <summary>Those that are not in <paramref name="other"/>; every one, where named ones are taken out of all.</summary>
    public CohortSelection Without(CohortSelection other) => IsAll && !other.IsAll ? All : Of([.. Ids.Where(id => !other.Includes(id))]);
}
