using CohortPipeline.Hosting;

namespace CohortPipeline.TestKit.Processes;

/// <summary>Instances of one service of one pipeline, each a process of its own with the settings that it ships with.</summary>
/// <param name="service">The service's folder.</param>
/// <param name="servers">Kafka's.</param>
/// <param name="pipeline">Theirs.</param>
/// <param name="settings">What they are told beside that.</param>
/// <param name="environment">Added to the test's own; null: nothing.</param>
public sealed class ServiceFleet(string service, string servers, PipelineOptions pipeline, IReadOnlyList<string> settings, IReadOnlyDictionary<string, string>? environment = null) : IAsyncDisposable
{
    public const string Evaluator = "membership-evaluator";
    public const string KinesisSink = "kinesis-sink";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, (ServiceProcess Process, int Port)> _running = [];

    /// <summary>Under which name an instance's clients are known on Kafka.</summary>
    public static string ClientId(string service, int instance) => $"{service}-{instance}";

    public ServiceProcess ProcessOf(int instance) => _running[instance].Process;

    public void Start(int instance)
    {
        var port = Ports.Free();
        string[] arguments =
        [
            $"--Pipeline:Log={LogKind.Kafka}",
            $"--Kafka:bootstrap.servers={servers}",
            $"--Kafka:client.id={ClientId(service, instance)}",
            $"--Pipeline:Prefix={pipeline.Prefix}",
            $"--Pipeline:Partitions={pipeline.PartitionCount}",
            $"--Pipeline:Clock={pipeline.Clock}",
            $"--Pipeline:Instance={instance}",
            $"--Http:Port={port}",
            .. settings,
        ];
        _running.Add(instance, (ServiceProcess.Start(service, environment ?? new Dictionary<string, string>(), arguments), port));
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync(int instance, CancellationToken cancellation) => _running[instance].Process.ReadyAsync(_running[instance].Port, StartTimeout, cancellation);

    /// <summary>One after the other ends, is started again and says that it is ready.</summary>
    public async Task RollAsync(CancellationToken cancellation)
    {
        foreach (var instance in _running.Keys.Order().ToArray())
        {
            await StopAsync(instance, cancellation).ConfigureAwait(false);
            Start(instance);
            await ReadyAsync(instance, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>SIGTERM, and the wait for its end.</summary>
    public async Task StopAsync(int instance, CancellationToken cancellation)
    {
        if (await _running[instance].Process.StopAsync(StopTimeout, cancellation).ConfigureAwait(false) is var exitCode and not 0)
            throw new InvalidOperationException($"{ClientId(service, instance)} was told to end and did with exit code {exitCode}:\n{_running[instance].Process.Output}");
        await ForgetAsync(instance).ConfigureAwait(false);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync(int instance) => ForgetAsync(instance);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _running.Keys.ToArray())
            await ForgetAsync(instance).ConfigureAwait(false);
    }

    private async Task ForgetAsync(int instance)
    {
        _running.Remove(instance, out var gone);
        await gone.Process.DisposeAsync().ConfigureAwait(false);
    }
}
