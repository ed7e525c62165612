namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>How patient the sink is with a store, and how much of a file it holds in memory.</summary>
public static class PublishingLimits
{
    /// <summary>One request, its body included. After it the object may or may not be stored: the checksum tells.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(2);

    /// <summary>After this many attempts in a row without success the destination counts as parked. It goes on trying.</summary>
    public const int AttemptsBeforeParked = 8;

    /// <summary>A larger file is sent in parts, none larger than this. No row is parted; the longest is far shorter than what S3 wants of a part, 5 MiB, leaves.</summary>
    public const int PartBytesMax = 8 * 1024 * 1024;

    /// <summary>S3's own bound: files end at 80,000 MiB.</summary>
    public const int PartsMax = 10_000;

    /// <summary>What a file may hold of its first part before it waits for one of its destination's large buffers.</summary>
    public const int SmallBufferBytes = 256 * 1024;
}
