namespace CohortPipeline.Sinks;

/// <summary>Of rows that may have changed since an instant up to which everything was told.</summary>
public static class ChangedSince
{
    /// <summary>How far the clocks of those who write rows and deltas may be apart.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(1);

    /// <summary>What was written before it (epoch milliseconds) has not changed since <paramref name="toldUntil"/>.</summary>
    public static long Of(long toldUntil) => Math.Max(0, toldUntil - (long)ClockMargin.TotalMilliseconds);
}
