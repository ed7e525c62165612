namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>Time as one process sees it: the world's, less what its machine stood still for.</summary>
public sealed class ProcessClock(SimulatedClock world) : TimeProvider
{
    private long _lag;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => world.GetTimestamp() - _lag;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow().AddTicks(-_lag);

    /// <summary>The clock stood still for so long.</summary>
    public void Lag(TimeSpan duration) => _lag += duration.Ticks;
}
