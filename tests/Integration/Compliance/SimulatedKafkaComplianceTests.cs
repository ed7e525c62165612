using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;

namespace CohortPipeline.Tests.Integration.Compliance;

/// <summary>The broker that simulations run on keeps the contract, too, in both ways in which a group hands over only what moves.</summary>
public sealed class SimulatedKafkaComplianceTests() : SimulatedKafkaCompliance(GroupProtocol.Cooperative);

public sealed class SimulatedKafkaConsumerComplianceTests() : SimulatedKafkaCompliance(GroupProtocol.Consumer);

public abstract class SimulatedKafkaCompliance(GroupProtocol protocol) : LogComplianceTests
{
    private readonly Broker _broker = new(new Fates(), protocol);

    protected override Task<ILog> OpenAsync() => Task.FromResult<ILog>(_broker.Connect("the tests"));

    protected override Task PassPollIntervalAsync(Action keepPolling)
    {
        _broker.Clock.Advance(SimulatedGroup.PollInterval - TimeSpan.FromSeconds(1));
        keepPolling();
        _broker.Clock.Advance(TimeSpan.FromSeconds(2));
        return Task.CompletedTask;
    }
}
