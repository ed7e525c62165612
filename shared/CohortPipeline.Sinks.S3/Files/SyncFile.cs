namespace CohortPipeline.Sinks.S3.Files;

/// <summary>A file of a sync as it was stored.</summary>
public sealed record SyncFile(DiffType Type, string Key, long Rows, ContentDigest Digest);
