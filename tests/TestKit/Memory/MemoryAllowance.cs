using CohortPipeline.Hosting;
using CohortPipeline.Sinks;

namespace CohortPipeline.TestKit.Memory;

/// <summary>What a service with one lane is told to hold at most, and what its process may take by that: the formula of <c>docs/memory.md</c>.</summary>
public sealed record MemoryAllowance(long BufferBytes, long BudgetBytes)
{
    public const long MiB = 1024 * 1024;

    /// <summary>The runtime, the service's code, librdkafka's threads, the collector's own room.</summary>
    private const long ProcessBytes = 128 * MiB;

    /// <summary>The client of a stream at work, HTTP and signatures included.</summary>
    private const long StreamClientBytes = 64 * MiB;

    private const long ProfileBytes = 1024;
    private const long DefinitionBytes = 8 * 1024;

    /// <summary>What an s3-sink's store of sorted members has in memory.</summary>
    private const long StoreBytes = 64 * MiB;

    /// <summary>What an s3-sink holds of the files that it uploads: two parts, and the beginnings of small ones.</summary>
    private const long PartBytes = 24 * MiB;

    /// <summary>What services have that are told nothing.</summary>
    public static MemoryAllowance Default { get; } = new(new PipelineOptions().BufferBytes, new SinkOptions().BudgetBytes);

    /// <summary>The least that options take.</summary>
    public static MemoryAllowance Least { get; } = new(16 * MiB, 8 * MiB);

    public IReadOnlyList<string> PipelineArguments => [$"--Pipeline:BufferBytes={BufferBytes}"];

    public IReadOnlyList<string> SinkArguments => [.. PipelineArguments, $"--Sink:BudgetBytes={BudgetBytes}"];

    public long Ingest => ProcessBytes + (2 * BufferBytes);

    public long Stream => ProcessBytes + StreamClientBytes + (2 * BufferBytes) + (4 * BudgetBytes);

    /// <param name="profiles">Of all partitions.</param>
    /// <param name="definitions">Of all partitions: each has its own of every cohort.</param>
    public long Evaluator(long profiles, long definitions) => ProcessBytes + (5 * BufferBytes) + (profiles * ProfileBytes) + (definitions * DefinitionBytes);

    public long Bucket => ProcessBytes + (2 * BufferBytes) + StoreBytes + PartBytes;
}

/// <summary>The most memory that a service's process had in a scene, and what it might have had.</summary>
public sealed record MemoryPeak(string Scene, string Service, long Bytes, long BoundBytes)
{
    public bool IsWithinBound => Bytes <= BoundBytes;

    public override string ToString() => $"{Service}, {Scene}: {Bytes / MemoryAllowance.MiB} MiB, at most {BoundBytes / MemoryAllowance.MiB} MiB";
}
