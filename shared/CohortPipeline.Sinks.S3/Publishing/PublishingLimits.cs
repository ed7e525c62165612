namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>How patient the sink is with a store.</summary>
public static class PublishingLimits
{
    /// <summary>One request, its body included. After it the object may or may not be stored: the checksum tells.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(2);

    /// <summary>After this many attempts in a row without success the destination counts as parked. It goes on trying.</summary>
    public const int AttemptsBeforeParked = 8;

    public static readonly TimeSpan RetryDelayFirst = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(60);

    private const int DoublingsMax = 16;

    /// <summary>Full jitter: anything between nothing and a bound that doubles with each attempt. <paramref name="attempt"/> counts from 0, <paramref name="jitter"/> lies between 0 and 1.</summary>
    public static TimeSpan RetryDelay(int attempt, double jitter)
    {
        var bound = Math.Min(RetryDelayMax.TotalMilliseconds, RetryDelayFirst.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, DoublingsMax)));
        return TimeSpan.FromMilliseconds(bound * jitter);
    }
}
