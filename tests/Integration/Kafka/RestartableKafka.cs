using CohortPipeline.TestKit.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>One broker for the tests of a class that stop and kill it: each begins by saying how it wants to find it.</summary>
public sealed class RestartableKafka(SharedKafka kafka) : IAsyncLifetime
{
    private KafkaBroker? _broker;

    private KafkaBroker Broker => _broker ??= kafka.CreateBroker();

    public async Task<KafkaBroker> StartedAsync()
    {
        if (!Broker.IsRunning)
            await Broker.StartAsync();
        return Broker;
    }

    public async Task<KafkaBroker> StoppedAsync()
    {
        if (Broker.IsRunning)
            await Broker.StopAsync();
        return Broker;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
