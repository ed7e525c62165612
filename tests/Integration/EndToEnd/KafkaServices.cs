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
    private readonly Dictionary<(string Service, int Instance), (ServiceProcess Process, int Port)> _services = [];
    private readonly Func<string, IReadOnlyDictionary<string, string>> _environmentOf;
    private readonly string? _logFolder;

    private KafkaServices(PipelineSettings settings, Func<string, IReadOnlyDictionary<string, string>> environmentOf, string? logFolder)
    {
        _settings = settings;
        _environmentOf = environmentOf;
        _logFolder = logFolder;
        if (logFolder is not null)
            Directory.CreateDirectory(logFolder);
    }

    public static IReadOnlyList<string> All { get; } = [ControlService, EventIngest, IdentifyIngest, Evaluator, KinesisSink, S3Sink];

    public ControlApi Control { get; private set; } = new(port: 1);

    /// <summary>What runs, or ended by itself.</summary>
    public IReadOnlyList<(string Service, int Instance)> Running => [.. _services.Keys];

    /// <summary>The name of an instance's clients on Kafka.</summary>
    public static string ClientId(string service, int instance) => $"{service}-{instance}";

    /// <param name="environmentOf">What a service finds in its environment beside the test's own; null: nothing.</param>
    /// <param name="logFolder">Where whole logs go; null: nowhere.</param>
    public static async Task<KafkaServices> StartAsync(
        PipelineSettings settings, CancellationToken cancellation, Func<string, IReadOnlyDictionary<string, string>>? environmentOf = null, string? logFolder = null)
    {
        var services = new KafkaServices(settings, environmentOf ?? (_ => new Dictionary<string, string>()), logFolder);
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

    /// <param name="instance">Its ordinal among the service's.</param>
    public void Start(string service, int instance = 0)
    {
        var port = Ports.Free();
        var process = ServiceProcess.Start(
            service,
            _environmentOf(service),
            [.. _settings.Arguments(port), $"--Pipeline:Instance={instance}", $"--Kafka:client.id={ClientId(service, instance)}"]);
        if (_logFolder is not null)
            process.WriteOutputTo(Path.Combine(_logFolder, $"{service}-{instance}.log"));
        _services[(service, instance)] = (process, port);
        if (service != ControlService)
            return;
        Control.Dispose();
        Control = new(port);
    }

    public ServiceProcess ProcessOf(string service, int instance) => _services[(service, instance)].Process;

    public Task ReadyAsync(string service, CancellationToken cancellation, int instance = 0) =>
        ProcessOf(service, instance).ReadyAsync(_services[(service, instance)].Port, StartTimeout, cancellation);

    /// <summary>A second one under the same ordinal is up before the first one gets its kill -9.</summary>
    public async Task ReplaceAsync(string service, int instance, CancellationToken cancellation)
    {
        await using var old = ProcessOf(service, instance);
        Start(service, instance);
        await ReadyAsync(service, cancellation, instance);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(string service, CancellationToken cancellation, int instance = 0)
    {
        await ProcessOf(service, instance).KillAsync(cancellation);
        await ForgetAsync(service, instance);
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
    public async Task<int> StopAsync(string service, CancellationToken cancellation, int instance = 0)
    {
        var exitCode = await ProcessOf(service, instance).StopAsync(StopTimeout, cancellation);
        await ForgetAsync(service, instance);
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        foreach (var (process, _) in _services.Values)
            await process.DisposeAsync();
    }

    private async Task ForgetAsync(string service, int instance)
    {
        await ProcessOf(service, instance).DisposeAsync();
        _services.Remove((service, instance));
    }
}
