using System.ComponentModel.DataAnnotations;

namespace CohortPipeline.Ingest;

/// <summary>Section <c>Ingest</c>.</summary>
public sealed class IngestOptions : IValidatableObject
{
    public const string Section = "Ingest";

    private static readonly TimeSpan WatermarkIntervalMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WatermarkIntervalMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CommitIntervalMax = TimeSpan.FromSeconds(10);

    /// <summary>Lanes of this instance: threads, each with its own reader and transactional writer. More than there are source partitions are idle.</summary>
    [Range(1, 64, ErrorMessage = "Ingest:Lanes lies between 1 and 64.")]
    public int Lanes { get; set; } = 1;

    /// <summary>How often the ends of the sources are asked and watermarks written (<c>watermark_interval</c>): timers come about so late. 10 ms to 1 min.</summary>
    public TimeSpan WatermarkInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time from reading a record to its commit while records keep coming. 1 ms to 10 s.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest normalized record in bytes (<c>max.record.bytes</c>); a larger one is a dead letter.</summary>
    [Range(1024, Normalizer.DefaultRecordBytesMax, ErrorMessage = "Ingest:RecordBytesMax lies between 1024 and 1048576.")]
    public int RecordBytesMax { get; set; } = Normalizer.DefaultRecordBytesMax;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WatermarkInterval < WatermarkIntervalMin || WatermarkInterval > WatermarkIntervalMax)
            yield return new("Ingest:WatermarkInterval lies between 00:00:00.010 and 00:01:00.", [nameof(WatermarkInterval)]);
        if (CommitInterval < TimeSpan.FromMilliseconds(1) || CommitInterval > CommitIntervalMax)
            yield return new("Ingest:CommitInterval lies between 00:00:00.001 and 00:00:10.", [nameof(CommitInterval)]);
    }
}
