namespace CohortPipeline.Log;

/// <summary>How long to wait before asking a log again that did not answer: between half of a bound and the bound, which doubles with each attempt.</summary>
public static class Backoff
{
    private const int DoublingsMax = 16;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary><paramref name="attempt"/> counts from 0; <paramref name="jitter"/> lies between 0 and 1.</summary>
    public static TimeSpan Delay(int attempt, double jitter)
    {
        var bound = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, DoublingsMax)));
        return TimeSpan.FromMilliseconds(bound * (0.5 + (0.5 * jitter)));
    }
}
