using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// The sink dies before and after each thing that it does to the world (a commit, an upload), once in each run, and starts
/// again: the objects are those of a run that nothing disturbed, byte for byte.
/// </summary>
public sealed class SyncCrashTests
{
    private const int StepsMax = 200;

    [Theory]
    [InlineData(Cadence.Hourly)]
    [InlineData(Cadence.RealTime)]
    public async Task A_crash_at_any_step_leaves_the_same_objects(Cadence cadence)
    {
        var (expected, steps) = await RunAsync(cadence, crashAt: -1);
        Assert.InRange(steps, 40, StepsMax);
        for (var crashAt = 0; crashAt < steps; crashAt++)
        {
            var (found, _) = await RunAsync(cadence, crashAt);
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, body) in expected)
                Assert.True(body.AsSpan().SequenceEqual(found[key]), $"{key} differs after a crash at step {crashAt}");
        }
    }

    private static async Task<(IReadOnlyDictionary<string, byte[]> Objects, int Steps)> RunAsync(Cadence cadence, int crashAt)
    {
        var destination = SinkBench.Destination() with { Cadence = cadence, SyncInterval = TimeSpan.FromMinutes(30), UserProperties = ["plan"] };
        await using var bench = new SinkBench();
        var steps = 0;
        void Step()
        {
            if (Interlocked.Increment(ref steps) - 1 == crashAt)
                throw new CrashException();
        }

        bench.Store.Step = Step;
        var log = new CrashingLog(bench.Log, Step);
        bench.Define("buyers", "readers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"free"}""");
        bench.Row("buyers", "bob", isIn: true);
        bench.Row("readers", "ada", isIn: true);
        Settle(bench, destination, log);

        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        Settle(bench, destination, log);

        bench.Row("buyers", "ada", isIn: false, """{"plan":"free"}""");
        bench.Row("buyers", "cy", isIn: true, """{"plan":"pro"}""");
        bench.Forget("readers", "ada");
        bench.Row("readers", "dee", isIn: true);
        bench.Clock.SetUtcNow(new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero));
        Settle(bench, destination, log);
        return (bench.Store.Objects, steps);
    }

    /// <summary>Settles; rows come in while a crashed sink is down, so that its plan must not take them in.</summary>
    private static void Settle(SinkBench bench, S3Destination destination, CrashingLog log)
    {
        try
        {
            if (bench.Runner is null)
                bench.Start(destination, log);
            bench.Settle();
        }
        catch (CrashException)
        {
            bench.Kill();
            bench.Start(destination, log);
            bench.Settle();
        }
    }

    private sealed class CrashException : Exception;
}
