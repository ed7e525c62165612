namespace CohortPipeline.Contracts;

public enum TopicCleanup
{
    /// <summary>Records go by age.</summary>
    Delete,

    /// <summary>The newest record of each key stays.</summary>
    Compact,
}

/// <summary>What a topic must be. <paramref name="Retention"/> is null where nothing is deleted by age.</summary>
public sealed record TopicSpec(
    string Name,
    int PartitionCount,
    TopicCleanup Cleanup,
    TimeSpan? Retention = null,
    TimeSpan? MinCompactionLag = null,
    int RecordBytesMax = TopicSpec.DefaultRecordBytesMax)
{
    /// <summary>Our topics and clients allow 2 MiB a record, so that whatever ingest accepts (1 MiB) can be written, grown by its frame.</summary>
    public const int DefaultRecordBytesMax = 2 * 1024 * 1024;

    /// <summary>Older than that there is one record of a key alone; null: whenever the log gets to it.</summary>
    public TimeSpan? MaxCompactionLag { get; init; }
}
