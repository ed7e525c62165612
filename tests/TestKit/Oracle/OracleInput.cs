namespace CohortPipeline.TestKit.Oracle;

/// <summary>A committed record of one partition of <c>activity</c>.</summary>
public sealed record OracleRecord(long Offset, string Key, byte[]? Value);

/// <summary>What the oracle must know of the pipeline beside its records.</summary>
public sealed record OracleOptions
{
    /// <summary>True: the records' own timestamps move the watermark (clock <c>record</c>); false: ingest's watermarks do (clock <c>wall</c>).</summary>
    public required bool RecordClock { get; init; }

    /// <summary>Every configured source topic: one that never reported holds the watermark.</summary>
    public required IReadOnlyList<string> SourceTopics { get; init; }

    /// <summary>Milliseconds that the watermark stays behind what ingest has read.</summary>
    public long Grace { get; init; } = 1000;

    /// <summary>Events that a profile remembers of one behavior that keeps them all.</summary>
    public int RememberedEventsMax { get; init; } = 1000;
}
