using CohortPipeline.Log;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>A sync that refuses thousands of rows tells them as dead letters in bounded transactions, each once, also where it dies between two.</summary>
public sealed class RefusedRowsTests
{
    private const int Rows = 2_500;

    /// <summary>The plan, three shares of the refused rows, and the end of the sync.</summary>
    private const int Commits = 5;

    [Fact]
    public async Task Each_row_is_a_dead_letter_once_wherever_the_sink_dies()
    {
        for (var crashAt = 0; crashAt <= 2 * Commits; crashAt++)
        {
            await using var bench = new SinkBench();
            var destination = SinkBench.Destination("buyers") with { UserProperties = ["plan"], Formulas = FormulaHandling.Reject };
            bench.Define("buyers");
            bench.Members("buyers", Enumerable.Range(0, Rows).Select(index => ($"user-{index}", """{"plan":"=1+1"}""")));
            bench.Row("buyers", "zoe", isIn: true, """{"plan":"pro"}""");
            bench.Start(destination);
            bench.Settle();
            bench.Kill();

            var steps = 0;
            var log = new CrashingLog(bench.Log, () =>
            {
                if (steps++ == crashAt)
                    throw new CrashException();
            });
            bench.Clock.SetUtcNow(new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero));
            try
            {
                bench.Start(destination, log);
                bench.Settle();
                Assert.Equal(2 * Commits, steps);
            }
            catch (CrashException)
            {
                bench.Kill();
                bench.Start(destination);
                bench.Settle();
            }

            Assert.EndsWith(",zoe,pro\r\n", bench.Store.TextOf("0_buyers_2026-03-01T01-00-00_entering.csv"), StringComparison.Ordinal);
            var ends = await bench.Log.Admin.EndOffsetsAsync(bench.Topics.DeadLetters.Name, Isolation.Committed, TestContext.Current.CancellationToken);
            Assert.True(ends.Sum() == Rows, $"{ends.Sum()} dead letters after a crash at step {crashAt}");
        }
    }

    private sealed class CrashException : Exception;
}
