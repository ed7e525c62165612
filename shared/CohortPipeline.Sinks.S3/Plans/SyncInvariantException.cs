namespace CohortPipeline.Sinks.S3.Plans;

/// <summary>Something that must hold does not: nothing more may be published before someone has looked.</summary>
public sealed class SyncInvariantException(string message) : Exception(message);
