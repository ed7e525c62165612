namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>The simulated world's time: it goes on only as it is told to.</summary>
public sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => new(_ticks);

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(_ticks);

    public void Advance(TimeSpan duration) => _ticks += duration.Ticks;
}
