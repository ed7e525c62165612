namespace CohortPipeline.Sinks;

/// <summary>What the file <c>existing</c> of a sync lists.</summary>
public enum ExistingMembers
{
    /// <summary>The members at the last sync.</summary>
    AtLastSync,

    /// <summary>Those of them who are members still.</summary>
    Stayed,
}

/// <summary>What to do with a text that a spreadsheet would take for a formula.</summary>
public enum FormulaHandling
{
    None,

    /// <summary>Puts <c>'</c> before it.</summary>
    Prefix,

    /// <summary>A dead letter, <c>sink_formula</c>.</summary>
    Reject,
}

/// <summary>What becomes of boundaries that passed while nothing ran.</summary>
public enum CatchUp
{
    /// <summary>One sync at the newest of them.</summary>
    Newest,

    All,
}

/// <summary>CSV files in an S3 bucket.</summary>
public sealed record S3Destination : Destination
{
    public const string SinkName = "s3";

    public static readonly TimeSpan DefaultSyncInterval = TimeSpan.FromSeconds(60);

    public override string Sink => SinkName;

    /// <summary>Empty where <see cref="Destination.Endpoint"/> is a folder and none was given.</summary>
    public required string Bucket { get; init; }

    /// <summary>Before every object's name, without a slash at either end; empty for none.</summary>
    public string Path { get; init; } = "";

    /// <summary>The number that every file name begins with.</summary>
    public long ProjectId { get; init; }

    /// <summary>Behind the file's kind in its name; empty for none.</summary>
    public string RoutingKey { get; init; } = "";

    /// <summary>Text before <c>.csv</c>; empty for none.</summary>
    public string RequireSuffix { get; init; } = "";

    /// <summary>The profile property that stands in the column <c>userID</c>; null: the user id.</summary>
    public string? MatchProperty { get; init; }

    /// <summary>Further columns, in this order.</summary>
    public IReadOnlyList<string> UserProperties { get; init; } = [];

    /// <summary>Distance of the syncs with <see cref="Cadence.RealTime"/>.</summary>
    public TimeSpan SyncInterval { get; init; } = DefaultSyncInterval;

    public ExistingMembers Existing { get; init; }

    public FormulaHandling Formulas { get; init; }

    public CatchUp CatchUp { get; init; }
}
