using System.ComponentModel.DataAnnotations;
using CohortPipeline.Contracts;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Log.Kafka;

namespace CohortPipeline.Hosting;

/// <summary>Which log carries the pipeline.</summary>
public enum LogKind
{
    /// <summary>A Kafka cluster: settings under <c>Kafka:</c> are librdkafka's own.</summary>
    Kafka,

    /// <summary>One folder, one process: for trying out and for tests.</summary>
    Embedded,
}

/// <summary>What moves the watermark (<c>docs/spec/cohorts.md</c> §4).</summary>
public enum ClockKind
{
    /// <summary>Ingest's watermarks do.</summary>
    Wall,

    /// <summary>The records' own timestamps do: imports, replays, the demo on a file.</summary>
    Record,
}

/// <summary>Section <c>Pipeline</c>: what all services of one pipeline must agree on.</summary>
public sealed class PipelineOptions
{
    public const string Section = "Pipeline";

    public LogKind Log { get; set; } = LogKind.Kafka;

    /// <summary>Folder of the embedded log.</summary>
    public string Data { get; set; } = "data";

    /// <summary>The embedded log's file grows to this many bytes and no further, and what writes to it then waits; null: as far as the disk goes.</summary>
    [Range(EmbeddedLogOptions.FileBytesMin, long.MaxValue, ErrorMessage = "Pipeline:DataBytesMax is at least 1048576 (1 MiB).")]
    public long? DataBytesMax { get; set; }

    /// <summary>Prefix of topics, groups and transactional ids; letters, digits, <c>_ . -</c>; may be empty.</summary>
    [RegularExpression("^[A-Za-z0-9._-]{0,100}$", ErrorMessage = "Pipeline:Prefix may hold letters, digits, `_`, `.` and `-`, at most 100 of them.")]
    public string Prefix { get; set; } = "";

    /// <summary>Partitions of our topics, fixed for a prefix's life; 0: 12 on Kafka, 4 embedded.</summary>
    [Range(0, 10_000, ErrorMessage = "Pipeline:Partitions lies between 1 and 10000 (0: the default).")]
    public int Partitions { get; set; }

    public ClockKind Clock { get; set; } = ClockKind.Wall;

    /// <summary>Producers' topics of events.</summary>
    public string[] EventTopics { get; set; } = ["events"];

    /// <summary>Producers' topics of identify calls.</summary>
    public string[] IdentifyTopics { get; set; } = ["identifies"];

    /// <summary>How long <c>activity</c> is kept; null: for good. Imports, the demo and tests keep it.</summary>
    public TimeSpan? ActivityRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Ordinal of this instance among its service's, stable across restarts: part of transactional ids.</summary>
    [Range(0, 9_999, ErrorMessage = "Pipeline:Instance is the instance's ordinal, from 0.")]
    public int Instance { get; set; }

    /// <summary>
    /// Lanes are static members of their groups, named after their transactional ids: a restart that is shorter than the
    /// session (<c>Kafka:session.timeout.ms</c>) moves no partitions. Two processes must never have one ordinal then.
    /// </summary>
    public bool StaticMembers { get; set; }

    /// <summary>
    /// What a lane or a sink may hold of the log beside its state: records that were read and not processed, appended and not
    /// written. A transaction ends at a quarter of it.
    /// </summary>
    [Range(ClientBuffers.BytesMin, ClientBuffers.BytesMax, ErrorMessage = "Pipeline:BufferBytes lies between 16777216 (16 MiB) and 1073741824 (1 GiB).")]
    public long BufferBytes { get; set; } = ClientBuffers.DefaultBytes;

    /// <summary>A lane's transaction ends behind the record that makes it so large.</summary>
    public long TransactionBytesMax => BufferBytes / 4;

    public int PartitionCount => Partitions > 0 ? Partitions : Log == LogKind.Kafka ? 12 : 4;

    public IEnumerable<string> SourceTopics => EventTopics.Concat(IdentifyTopics).Distinct();

    public PipelineTopics Topics() => new(Prefix, PartitionCount, Clock == ClockKind.Record ? null : ActivityRetention);
}
