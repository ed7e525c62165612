namespace CohortPipeline.Rules.Steps;

/// <summary>The instants of <c>docs/spec/cohorts.md</c> §4: time travels in the log.</summary>
public static class Clock
{
    /// <summary>Stands for a watermark that is not known yet.</summary>
    public const long NoWatermark = long.MinValue;

    /// <summary>The instant at which a record happens for its profile.</summary>
    /// <param name="timestamp">The record's timestamp <c>L</c>.</param>
    /// <param name="watermark">The partition's <c>W</c>.</param>
    /// <param name="lastInstant">The profile's last one.</param>
    public static long InstantOf(long timestamp, long watermark, long lastInstant) => Math.Max(timestamp, Math.Max(watermark, lastInstant));

    /// <summary>The time of an event: its payload's, but not after the record's timestamp.</summary>
    public static long EventTime(long? payloadTime, long timestamp) => Math.Min(payloadTime ?? timestamp, timestamp);
}
