using CohortPipeline.Log;
using CohortPipeline.Log.Kafka.Admin;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log;

public sealed class ListedOffsetTests
{
    private static readonly TopicPartition Partition = new("changelog", 3);

    [Fact]
    public void An_offset_is_an_answer()
    {
        Assert.Equal(0, ListedOffset.Of(Partition, 0, "kafka:9092"));
        Assert.Equal(17, ListedOffset.Of(Partition, 17, "kafka:9092"));
    }

    [Theory]
    [InlineData(-1001)]
    [InlineData(-1)]
    public void Success_without_an_offset_means_that_nobody_answered(long offset) =>
        Assert.Contains("changelog/3 on Kafka at kafka:9092", Assert.Throws<LogUnavailableException>(() => ListedOffset.Of(Partition, offset, "kafka:9092")).Message, StringComparison.Ordinal);
}
