using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>The log contract with KIP-848 groups, which the configuration may choose (<c>Kafka:group.protocol</c>).</summary>
public sealed class KafkaConsumerProtocolComplianceTests(SharedKafka kafka) : KafkaLogComplianceTests(kafka)
{
    /// <summary>The broker moves the partitions of a silent member only when that member polls again or its session ends.</summary>
    protected override Task PassPollIntervalAsync(Action keepPolling)
    {
        Assert.Skip("a KIP-848 group moves a silent member's partitions only when it polls again");
        return Task.CompletedTask;
    }

    private protected override (string Name, string Value)[] Properties() => [("group.protocol", "consumer")];
}
