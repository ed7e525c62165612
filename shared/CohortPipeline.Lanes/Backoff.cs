namespace CohortPipeline.Lanes;

/// <summary>Back-off with jitter: between half of a bound and the bound, which doubles with each attempt.</summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <param name="attempt">From 0.</param>
    /// <param name="jitter">Between 0 and 1.</param>
    public static TimeSpan Delay(int attempt, double jitter)
    {
        var bound = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 16)));
        return TimeSpan.FromMilliseconds(bound * (0.5 + (0.5 * jitter)));
    }
}
