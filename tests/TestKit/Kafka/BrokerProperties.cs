namespace CohortPipeline.TestKit.Kafka;

/// <summary>The settings of a broker for tests: small, quick to start, nothing created by accident.</summary>
internal static class BrokerProperties
{
    public const string ClusterId = "AAAAAAAAQACAAAAAAAAAAQ";

    private const string Plain = "PLAINTEXT";

    /// <summary>The broker's own words go to its standard output.</summary>
    public const string Logging = """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = [%d] %p %m (%c)%n
        """;

    public static string Text(int port, int controllerPort, string dataFolder, IReadOnlyList<BrokerListener> listeners, IReadOnlyDictionary<string, string> settings)
    {
        var between = listeners.SingleOrDefault(listener => listener.IsBetweenBrokers)?.Name ?? Plain;
        var text = $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{controllerPort}
            listeners={Plain}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}{All(listener => $"{listener.Name}://127.0.0.1:{listener.Port}")}
            advertised.listeners={Plain}://127.0.0.1:{port}{All(listener => $"{listener.Name}://127.0.0.1:{listener.AdvertisedPort}")}
            inter.broker.listener.name={between}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,{Plain}:PLAINTEXT{All(listener => $"{listener.Name}:PLAINTEXT")}
            log.dirs={dataFolder}
            num.partitions=4
            auto.create.topics.enable=false
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=8
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            transaction.state.log.num.partitions=8
            share.coordinator.state.topic.replication.factor=1
            share.coordinator.state.topic.min.isr=1
            group.initial.rebalance.delay.ms=0
            group.min.session.timeout.ms=1000
            log.cleaner.backoff.ms=1000
            log.cleaner.dedupe.buffer.size=4194304
            controlled.shutdown.enable=false
            broker.heartbeat.interval.ms=200
            broker.session.timeout.ms=3000
            controller.quorum.election.timeout.ms=300

            """;
        return text + string.Concat(settings.Select(setting => $"{setting.Key}={setting.Value}\n"));

        string All(Func<BrokerListener, string> text) => string.Concat(listeners.Select(listener => $",{text(listener)}"));
    }
}
