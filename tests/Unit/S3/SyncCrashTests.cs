using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Publishing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// The sink dies before and after each thing that it does to the world (a commit, an upload, a part of one), once in each run, and starts
/// again: the objects are those of a run that nothing disturbed, byte for byte.
/// </summary>
public sealed class SyncCrashTests
{
    private const int StepsMax = 300;
    private const int WholeFiles = PublishingLimits.PartBytesMax;

    [Theory]
    [InlineData(Cadence.Hourly, WholeFiles)]
    [InlineData(Cadence.RealTime, WholeFiles)]
    [InlineData(Cadence.Hourly, 100)]
    public async Task A_crash_at_any_step_leaves_the_same_objects(Cadence cadence, int partBytesMax)
    {
        var (expected, steps) = await RunAsync(cadence, partBytesMax, crashAt: -1);
        Assert.InRange(steps, 40, StepsMax);
        for (var crashAt = 0; crashAt < steps; crashAt++)
        {
            var (found, _) = await RunAsync(cadence, partBytesMax, crashAt);
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, body) in expected)
                Assert.True(body.AsSpan().SequenceEqual(found[key]), $"{key} differs after a crash at step {crashAt}");
        }
    }

    private static async Task<(IReadOnlyDictionary<string, byte[]> Objects, int Steps)> RunAsync(Cadence cadence, int partBytesMax, int crashAt)
    {
        var destination = SinkBench.Destination() with { Cadence = cadence, SyncInterval = TimeSpan.FromMinutes(30), UserProperties = ["plan"] };
        await using var bench = new SinkBench();
        var steps = 0;
        var isDead = false;
        var log = new CrashingLog(bench.Log, Step);

        // Whoever is dead does nothing more, not even give up what is under way.
        void Step()
        {
            if (Volatile.Read(ref isDead) || Interlocked.Increment(ref steps) - 1 == crashAt)
            {
                Volatile.Write(ref isDead, true);
                throw new CrashException();
            }
        }

        void Settle()
        {
            try
            {
                if (bench.Runner is null)
                    bench.Start(destination, log, partBytesMax);
                bench.Settle();
            }
            catch (CrashException)
            {
                bench.Kill();
                Volatile.Write(ref isDead, false);
                bench.Start(destination, log, partBytesMax);
                bench.Settle();
            }
        }

        bench.Store.Step = Step;
        bench.Define("buyers", "readers");
        bench.Row("buyers", "ada", isIn: true, """{"plan":"free"}""");
        bench.Row("buyers", "bob", isIn: true);
        bench.Row("readers", "ada", isIn: true);
        Settle();

        bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
        Settle();

        bench.Row("buyers", "ada", isIn: false, """{"plan":"free"}""");
        bench.Row("buyers", "cy", isIn: true, """{"plan":"pro"}""");
        bench.Forget("readers", "ada");
        bench.Row("readers", "dee", isIn: true);
        bench.Clock.SetUtcNow(new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero));
        Settle();
        Assert.Empty(bench.Store.Unfinished);
        return (bench.Store.Objects, steps);
    }

    private sealed class CrashException : Exception;
}
