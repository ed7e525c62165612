namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>One destination of each format.</summary>
internal static class ShopDestinations
{
    public const string CohortUpdates = "cohort-updates";
    public const string ProfileTriggers = "profile-triggers";
    public const string ShopEvents = "shop-events";
    public const string Warehouse = "warehouse";

    /// <summary>The path of the S3 destination.</summary>
    public const string ObjectPath = "cohorts";

    /// <summary>The Kinesis destinations that read deltas.</summary>
    public static IReadOnlyList<string> ReadDeltas { get; } = [CohortUpdates, ProfileTriggers];

    /// <summary>All Kinesis destinations.</summary>
    public static IReadOnlyList<string> Streams { get; } = [.. ReadDeltas, ShopEvents];

    public static IReadOnlyList<string> Definitions(ISinkOutput output) =>
    [
        $"""
        id: {CohortUpdates}
        sink: kinesis
        format: amplitude-cohort
        cohorts: ["*"]
        identifier_field: user_id
        start: now
        {output.StreamOf(CohortUpdates)}
        """,
        $"""
        id: {ProfileTriggers}
        sink: kinesis
        format: lytics-trigger
        cohorts: ["*"]
        start: now
        {output.StreamOf(ProfileTriggers)}
        """,
        $"""
        id: {ShopEvents}
        sink: kinesis
        format: events
        identifier_field: user_id
        identifies: true
        {output.StreamOf(ShopEvents)}
        """,
        $"""
        id: {Warehouse}
        sink: s3
        cohorts: ["*"]
        path: {ObjectPath}
        user_properties: [plan, city]
        cadence: real_time
        sync_interval: 5s
        {output.Bucket}
        """,
    ];
}
