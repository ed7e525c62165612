namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>How patient the sink is with a store.</summary>
public static class PublishingLimits
{
    /// <summary>One request, its body included. After it the object may or may not be stored: the checksum tells.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(2);

    /// <summary>After this many attempts in a row without success the destination counts as parked. It goes on trying.</summary>
    public const int AttemptsBeforeParked = 8;
}
