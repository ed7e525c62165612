using CohortPipeline.Log;
using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>Where brokers create any topic that a client asks for, ours does not ask so.</summary>
public sealed class TopicCreationTests(SharedKafka kafka)
{
    [Fact]
    public async Task Asking_for_a_topic_creates_none()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var broker = kafka.CreateBroker(settings: new Dictionary<string, string> { ["auto.create.topics.enable"] = "true" });
        await broker.StartAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        for (var time = 0; time < 2; time++)
        {
            Assert.Null(await log.Admin.DescribeAsync("nobodys", cancellation));
            await Assert.ThrowsAsync<LogException>(() => log.Admin.EndOffsetsAsync("nobodys", Isolation.Committed, cancellation));
        }
    }
}
