namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>
/// A process's clock whose wall clock is fast: an hour passes in twelve seconds, and in six minutes once two days have passed, so
/// that no run takes as long as rows are readable. Time-outs and intervals go on as ever.
/// </summary>
internal sealed class HastyClock(TimeProvider clock, DateTimeOffset start) : TimeProvider
{
    private const int Haste = 300;
    private const int LaterHaste = 10;

    private static readonly TimeSpan Later = TimeSpan.FromMinutes(10);

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow()
    {
        var passed = clock.GetUtcNow() - start;
        return passed < Later ? start + (passed * Haste) : start + (Later * Haste) + ((passed - Later) * LaterHaste);
    }
}
