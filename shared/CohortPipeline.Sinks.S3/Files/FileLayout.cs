namespace CohortPipeline.Sinks.S3.Files;

/// <summary>
/// Everything that decides the names and the bytes of a sync's files. A plan carries its own, so that repeating it after
/// the destination was edited still gives the same.
/// </summary>
public sealed record FileLayout
{
    /// <summary>Folder before the names, without a slash at either end; empty for none.</summary>
    public string Path { get; init; } = "";

    public long ProjectId { get; init; }

    /// <summary>Empty for none.</summary>
    public string RoutingKey { get; init; } = "";

    /// <summary>Text before the extension; empty for none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>The profile property that stands in the second column; null for the user id.</summary>
    public string? MatchProperty { get; init; }

    /// <summary>Profile properties with a column each, in this order.</summary>
    public IReadOnlyList<string> UserProperties { get; init; } = [];

    public ExistingMembers Existing { get; init; }

    public FormulaHandling Formulas { get; init; }

    public static FileLayout Of(S3Destination destination) => new()
    {
        Path = destination.Path,
        ProjectId = destination.ProjectId,
        RoutingKey = destination.RoutingKey,
        Suffix = destination.RequireSuffix,
        MatchProperty = destination.MatchProperty,
        UserProperties = destination.UserProperties,
        Existing = destination.Existing,
        Formulas = destination.Formulas,
    };
}
