using System.ComponentModel.DataAnnotations;

namespace CohortPipeline.Sinks;

/// <summary>Section <c>Sink</c>: what one sink process serves, and the bounds of its delivery.</summary>
public sealed class SinkOptions : IValidatableObject
{
    public const string Section = "Sink";

    /// <summary>Id of the one destination that this process serves, as in production; empty: every destination of its kind, for development.</summary>
    public string Destination { get; set; } = "";

    /// <summary>After SIGTERM, how long requests in flight may take to end; a pod's grace period must be above it.</summary>
    public TimeSpan DrainDeadline { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Bytes that a destination may hold unaccepted in memory; its partitions pause before that.</summary>
    [Range(8 * 1024 * 1024, long.MaxValue, ErrorMessage = "Sink:BudgetBytes is at least 8388608 (8 MiB).")]
    public long BudgetBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How far, in offsets of one partition, delivery may run ahead of the oldest unaccepted one; bounded by what fits beside a committed position.</summary>
    [Range(1, AcceptedAhead.SpanMax, ErrorMessage = "Sink:SpanMax lies between 1 and 16384 offsets.")]
    public int SpanMax { get; set; } = AcceptedAhead.SpanMax;

    /// <summary>A sink whose loop stood still for longer than this starts again from its committed offsets: somebody else may have its partitions.</summary>
    public TimeSpan StallMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Folder under which syncs keep their sorted members, a cache that is built anew at each start: about as large as `memberships`.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "Sink:StoreFolder is a folder.")]
    public string StoreFolder { get; set; } = Path.GetTempPath();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DrainDeadline < TimeSpan.Zero || DrainDeadline > TimeSpan.FromMinutes(10))
            yield return new("Sink:DrainDeadline lies between 00:00:00 and 00:10:00.", [nameof(DrainDeadline)]);
        if (StallMax < TimeSpan.FromSeconds(1) || StallMax > TimeSpan.FromMinutes(5))
            yield return new("Sink:StallMax lies between 00:00:01 and 00:05:00.", [nameof(StallMax)]);
    }
}
