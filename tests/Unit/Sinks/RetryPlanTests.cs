using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class RetryPlanTests
{
    [Fact]
    public void Waits_anything_up_to_a_bound_that_doubles_and_ends_at_a_minute()
    {
        for (var attempt = 1; attempt <= 40; attempt++)
        {
            var bound = Math.Min(60_000, 200 * Math.Pow(2, attempt - 1));
            var waits = Enumerable.Range(0, 500).Select(number => RetryPlan.OfCalls.Delay(7, number, attempt)).ToArray();
            Assert.All(waits, wait => Assert.InRange(wait, 0, bound));
            Assert.InRange(waits.Average(), bound * 0.4, bound * 0.6);
        }
    }

    [Fact]
    public void Is_drawn_from_the_seed_alone()
    {
        Assert.Equal(RetryPlan.OfRecords.Delay(3, 5, 4), RetryPlan.OfRecords.Delay(3, 5, 4));
        Assert.NotEqual(RetryPlan.OfRecords.Delay(3, 5, 4), RetryPlan.OfRecords.Delay(4, 5, 4));
    }

    [Theory]
    [InlineData(1, 1.0, 200)]
    [InlineData(2, 1.0, 400)]
    [InlineData(4, 0.5, 800)]
    [InlineData(10, 1.0, 60_000)]
    [InlineData(int.MaxValue, 1.0, 60_000)]
    [InlineData(6, 0.0, 0)]
    public void A_drawn_jitter_scales_a_bound_that_doubles(int attempt, double jitter, int milliseconds) =>
        Assert.Equal(milliseconds, RetryPlan.OfCalls.Delay(attempt, jitter).TotalMilliseconds);
}
