namespace CohortPipeline.Sinks;

/// <summary>
/// Full-jitter back-off: anything from nothing to a bound that doubles with each attempt. Pure: the same seed, number and
/// attempt give the same wait.
/// </summary>
/// <param name="FirstMax">Bound of the first wait.</param>
/// <param name="Longest">Where the bound stops growing.</param>
public sealed record RetryPlan(TimeSpan FirstMax, TimeSpan Longest)
{
    private const int DoublingsMax = 30;

    /// <summary>Of a whole call: up to 60 s.</summary>
    public static RetryPlan OfCalls { get; } = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(60));

    /// <summary>Of one rejected record: a throttled shard takes again within seconds.</summary>
    public static RetryPlan OfRecords { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

    /// <summary>Milliseconds to wait before attempt <paramref name="attempt"/> + 1; attempts count from 1.</summary>
    public long Delay(ulong seed, long number, int attempt) =>
        (long)(Bound(attempt) * Unit(seed ^ Mix((ulong)number) ^ Mix((ulong)attempt << 32)));

    /// <summary>The wait before attempt <paramref name="attempt"/> + 1, with a jitter between 0 and 1 that the caller drew.</summary>
    public TimeSpan Delay(int attempt, double jitter) => TimeSpan.FromMilliseconds(Bound(attempt) * jitter);

    private double Bound(int attempt) => Math.Min(Longest.TotalMilliseconds, FirstMax.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, DoublingsMax)));

    /// <summary>A number in [0, 1).</summary>
    private static double Unit(ulong value) => (Mix(value) >> 11) * (1.0 / (1UL << 53));

    /// <summary>SplitMix64's finalizer.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
