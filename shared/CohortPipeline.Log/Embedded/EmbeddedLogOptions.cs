namespace CohortPipeline.Log.Embedded;

/// <summary>Bounds of an embedded log. The defaults suit a pipeline in one process.</summary>
public sealed record EmbeddedLogOptions
{
    /// <summary>A smaller <see cref="FileBytesMax"/> has no room for the topics of a pipeline.</summary>
    public const long FileBytesMin = 1024 * 1024;

    /// <summary>A member of a group that has not polled for so long loses its partitions.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much of what was committed last stays in memory, so that readers at the end never touch the disk.</summary>
    public long TailBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>The log's file grows to this size and no further: commits fail with <see cref="LogUnavailableException"/>. Null: as far as the disk goes.</summary>
    public long? FileBytesMax { get; init; }
}
