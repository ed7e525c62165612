namespace CohortPipeline.TestKit;

/// <summary>
/// A wall clock that shows what a test sets, for what happened long ago or takes long: no test waits for it. Time-outs and
/// intervals go on as ever, so that what runs on it does not stand still.
/// </summary>
public sealed class SteeredClock(long instant) : TimeProvider
{
    private long _instant = instant;

    /// <summary>Epoch milliseconds.</summary>
    public long Now
    {
        get => Volatile.Read(ref _instant);
        set => Volatile.Write(ref _instant, value);
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now);
}
