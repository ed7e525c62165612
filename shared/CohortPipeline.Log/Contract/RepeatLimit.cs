namespace CohortPipeline.Log;

/// <summary>
/// Bounds how often a trouble that goes on is told: at once when it begins, then once an interval, with how often it came
/// meanwhile. Safe for several threads.
/// </summary>
public sealed class RepeatLimit(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long? _toldAt;
    private long _times;

    /// <summary>Counts it; true if it is to be told now.</summary>
    /// <param name="times">How often it came since it was told last, this time included.</param>
    public bool MayTell(out long times)
    {
        lock (_lock)
        {
            times = ++_times;
            if (_toldAt is { } told && time.GetElapsedTime(told) < Interval)
                return false;
            _toldAt = time.GetTimestamp();
            _times = 0;
            return true;
        }
    }
}
