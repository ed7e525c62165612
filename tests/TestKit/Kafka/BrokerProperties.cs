namespace CohortPipeline.TestKit.Kafka;

/// <summary>The settings of a broker for tests: small, quick to start, nothing created by accident.</summary>
internal static class BrokerProperties
{
    public const string ClusterId = "AAAAAAAAQACAAAAAAAAAAQ";

    /// <summary>The broker's own words go to its standard output.</summary>
    public const string Logging = """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = [%d] %p %m (%c)%n
        """;

    public static string Text(int port, int controllerPort, string dataFolder, IReadOnlyDictionary<string, string> settings)
    {
        var text = $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{controllerPort}
            listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}
            advertised.listeners=PLAINTEXT://127.0.0.1:{port}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
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
    }
}
