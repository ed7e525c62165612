using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Network;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>A broker with a network before it for the services, one for what it writes to itself, and none for the test.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>How long a group waits for a member that says nothing.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SettleTimeout = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["group.consumer.min.session.timeout.ms"] = "5000",
        ["group.consumer.session.timeout.ms"] = "5000",
        ["group.consumer.min.heartbeat.interval.ms"] = "1000",
        ["group.consumer.heartbeat.interval.ms"] = "1000",
    };

    private readonly KafkaBroker _broker;
    private readonly int _brokerPort;

    private ChaosCluster(KafkaBroker broker, int brokerPort, BrokerProxy clients, BrokerProxy markers)
    {
        _broker = broker;
        _brokerPort = brokerPort;
        Clients = clients;
        Markers = markers;
    }

    /// <summary>Between the services and the broker.</summary>
    public BrokerProxy Clients { get; }

    /// <summary>Between the broker's coordinator of transactions and its partitions.</summary>
    public BrokerProxy Markers { get; }

    /// <summary>Where the services connect.</summary>
    public string ServiceServers => $"127.0.0.1:{Clients.Port}";

    /// <summary>Where the test itself connects, past any network.</summary>
    public string TestServers => _broker.BootstrapServers;

    public static async Task<ChaosCluster> StartAsync(SharedKafka kafka, string folder)
    {
        var (servicesPort, markersPort) = (Ports.Free(), Ports.Free());
        var clients = BrokerProxy.Start(Ports.Free(), servicesPort);
        var markers = BrokerProxy.Start(Ports.Free(), markersPort);
        var broker = kafka.CreateBroker(
            Path.Combine(folder, "broker"),
            Settings,
            [new("SERVICES", servicesPort, clients.Port), new("MARKERS", markersPort, markers.Port, IsBetweenBrokers: true)]);
        await broker.StartAsync();
        return new(broker, servicesPort, clients, markers);
    }

    /// <summary>What a service is told to be a member whose absence is noticed soon.</summary>
    public static IReadOnlyList<string> MemberSettings(string protocol) => protocol == ChaosOptions.ConsumerProtocol
        ? ["--Kafka:group.protocol=consumer"]
        : [$"--Kafka:session.timeout.ms={SessionTimeout.TotalMilliseconds:0}", "--Kafka:heartbeat.interval.ms=1000"];

    /// <summary>
    /// kill -9 and a start. Nobody ends a transaction meanwhile, and the markers of those that have ended are waited for: a single
    /// broker of Kafka 4.3.1 skips them when it starts again, and what was committed then stays undecided for ever.
    /// </summary>
    public async Task RestartBrokerAsync(CancellationToken cancellation)
    {
        var ends = Clients.Hold(request => request.ApiKey is KafkaKeys.EndTxn or KafkaKeys.InitProducerId, HeldAt.Request);
        try
        {
            await Eventually.HoldsAsync(
                async token => await TransactionStates.AreSettledAsync(_brokerPort, token) ? null : "transactions are in the middle of their end",
                SettleTimeout,
                cancellation);
            await _broker.KillAsync();
        }
        finally
        {
            ends.Drop();
        }

        await _broker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Clients.DisposeAsync();
        await Markers.DisposeAsync();
        await _broker.DisposeAsync();
    }
}
