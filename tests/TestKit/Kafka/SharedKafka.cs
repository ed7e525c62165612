using CohortPipeline.Log.Kafka;
using DotNet.Testcontainers.Builders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.Kafka;
using Xunit;

namespace CohortPipeline.TestKit.Kafka;

/// <summary>
/// The Kafka of a test run, an assembly fixture: looked for in the order of the table in <c>CONTRIBUTING.md</c>, started when the
/// first test asks for it, and shared by all. Topics, groups and transactional ids of a test must be its own.
/// </summary>
public sealed class SharedKafka : IAsyncLifetime
{
    public const string Part = "Kafka";

    private const string ServersVariable = "KAFKA_BOOTSTRAP_SERVERS";
    private const string Image = "apache/kafka:4.1.0";

    private readonly Lazy<Task<(string? Servers, string WhyNot)>> _found;
    private readonly KafkaDistribution? _distribution;
    private readonly string _whyNoDistribution;
    private KafkaBroker? _broker;
    private KafkaContainer? _container;

    public SharedKafka()
    {
        _distribution = KafkaDistribution.Find(out _whyNoDistribution);
        _found = new(SearchAsync);
    }

    /// <summary>Where clients connect; a test without a Kafka is skipped, with the reason.</summary>
    public async Task<string> ServersAsync()
    {
        var (servers, whyNot) = await _found.Value;
        MissingPart.SkipWithout(Part, servers is null ? whyNot : null);
        return servers!;
    }

    /// <summary>The same for whoever goes on without: no servers, and why.</summary>
    public Task<(string? Servers, string WhyNot)> FindAsync() => _found.Value;

    /// <summary>A log on it, with further properties of librdkafka if the test has any.</summary>
    public async Task<KafkaLog> OpenAsync(ILoggerFactory? loggers = null, params (string Name, string Value)[] properties) =>
        Open(await ServersAsync(), loggers, properties);

    /// <summary>A log on the Kafka at these servers.</summary>
    public static KafkaLog Open(string servers, ILoggerFactory? loggers = null, params (string Name, string Value)[] properties)
    {
        var all = properties.Select(property => KeyValuePair.Create(property.Name, (string?)property.Value)).Prepend(new("bootstrap.servers", servers));
        return new KafkaLog(KafkaSettings.Parse(all), loggers ?? NullLoggerFactory.Instance);
    }

    /// <summary>A broker of the test's own, which it may stop and kill; not started. Skips where there is only a Kafka that others run.</summary>
    public KafkaBroker CreateBroker(string? folder = null, IReadOnlyDictionary<string, string>? settings = null, IReadOnlyList<BrokerListener>? listeners = null)
    {
        MissingPart.SkipWithout("a Kafka distribution", _distribution is null ? _whyNoDistribution : null);
        return KafkaBroker.Create(_distribution!, folder, settings, listeners, isShortLived: true);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_container is not null)
            await _container.DisposeAsync();
    }

    private async Task<(string? Servers, string WhyNot)> SearchAsync()
    {
        var (servers, where) = await TryStartAsync();
        if (servers is null)
            RealParts.Missing(Part, where);
        else
            RealParts.Found(Part, $"{servers} ({where})");
        return (servers, where);
    }

    private async Task<(string? Servers, string Where)> TryStartAsync()
    {
        if (Environment.GetEnvironmentVariable(ServersVariable) is { Length: > 0 } given)
            return (given, ServersVariable);
        if (_distribution is not null)
        {
            _broker = await KafkaBroker.StartAsync(_distribution);
            return (_broker.BootstrapServers, _distribution.Home);
        }

        try
        {
            _container = new KafkaBuilder(Image).Build();
            await _container.StartAsync();
            return (_container.GetBootstrapAddress(), $"Docker, {Image}");
        }
        catch (DockerUnavailableException)
        {
            return (null, $"{ServersVariable} is not set; {_whyNoDistribution}; no Docker engine");
        }
    }
}
