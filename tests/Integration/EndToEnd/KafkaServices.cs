using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The services of a pipeline on Kafka, each a process of its own, as in production.</summary>
internal sealed class KafkaServices : IAsyncDisposable
{
    public const string EventIngest = "event-ingest";
    public const string IdentifyIngest = "identify-ingest";
    public const string Evaluator = "membership-evaluator";
    public const string ControlService = "control-api";
    public const string KinesisSink = "kinesis-sink";
    public const string S3Sink = "s3-sink";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    private readonly PipelineSettings _settings;
    private readonly Dictionary<string, (ServiceProcess Process, int Port)> _services = [];

    private readonly Func<string, IReadOnlyDictionary<string, string>> _environmentOf;

    private KafkaServices(PipelineSettings settings, Func<string, IReadOnlyDictionary<string, string>> environmentOf)
    {
        _settings = settings;
        _environmentOf = environmentOf;
    }

    public static IReadOnlyList<string> All { get; } = [ControlService, EventIngest, IdentifyIngest, Evaluator, KinesisSink, S3Sink];

    public ControlApi Control { get; private set; } = new(port: 1);

    /// <param name="environmentOf">What a service finds in its environment beside the test's own; null: nothing.</param>
    public static async Task<KafkaServices> StartAsync(PipelineSettings settings, CancellationToken cancellation, Func<string, IReadOnlyDictionary<string, string>>? environmentOf = null)
    {
        var services = new KafkaServices(settings, environmentOf ?? (_ => new Dictionary<string, string>()));
        try
        {
            foreach (var service in All)
                services.Start(service);
            foreach (var service in All)
                await services.ReadyAsync(service, cancellation);
            return services;
        }
        catch
        {
            // Nobody else knows the processes yet.
            await services.DisposeAsync();
            throw;
        }
    }

    public void Start(string service)
    {
        var port = Ports.Free();
        _services[service] = (ServiceProcess.Start(service, _environmentOf(service), _settings.Arguments(port)), port);
        if (service != ControlService)
            return;
        Control.Dispose();
        Control = new(port);
    }

    public Task ReadyAsync(string service, CancellationToken cancellation) => _services[service].Process.ReadyAsync(_services[service].Port, StartTimeout, cancellation);

    /// <summary>kill -9.</summary>
    public async Task KillAsync(string service, CancellationToken cancellation)
    {
        await _services[service].Process.KillAsync(cancellation);
        await _services[service].Process.DisposeAsync();
        _services.Remove(service);
    }

    /// <summary>SIGTERM to both kinds of ingest: <c>activity</c> does not change from then on.</summary>
    public async Task<int> StopIngestAsync(CancellationToken cancellation)
    {
        var exitCode = 0;
        foreach (var service in (string[])[EventIngest, IdentifyIngest])
            exitCode |= await StopAsync(service, cancellation);
        return exitCode;
    }

    /// <summary>SIGTERM; answers the exit code.</summary>
    public async Task<int> StopAsync(string service, CancellationToken cancellation)
    {
        var exitCode = await _services[service].Process.StopAsync(StopTimeout, cancellation);
        await _services[service].Process.DisposeAsync();
        _services.Remove(service);
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        foreach (var (process, _) in _services.Values)
            await process.DisposeAsync();
    }
}
