using System.Diagnostics;
using System.Runtime.InteropServices;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit.Kafka;

/// <summary>
/// One broker (and controller) of a distribution, as a process of this run: it can be stopped, killed and started again on
/// the same data and port. It ends with the process that started it, even if that one is killed.
/// </summary>
public sealed partial class KafkaBroker : IAsyncDisposable
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private const string ReadyMark = "Kafka Server started";

    private static readonly string[] QuickStart = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly KafkaDistribution _distribution;
    private readonly string _folder;
    private readonly bool _isFolderOurs;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly IReadOnlyList<BrokerListener> _listeners;
    private readonly bool _isShortLived;
    private readonly int _port = Ports.Free();
    private readonly int _controllerPort = Ports.Free();
    private Process? _process;

    private KafkaBroker(KafkaDistribution distribution, string? folder, IReadOnlyDictionary<string, string>? settings, IReadOnlyList<BrokerListener>? listeners, bool isShortLived)
    {
        _listeners = listeners ?? [];
        _isShortLived = isShortLived;
        _distribution = distribution;
        _isFolderOurs = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("kafka-broker-").FullName;
        _settings = settings ?? new Dictionary<string, string>();
    }

    public string BootstrapServers => $"127.0.0.1:{_port}";

    public bool IsRunning => _process is not null;

    private string PropertiesFile => Path.Combine(_folder, "server.properties");

    private string LogFile => Path.Combine(_folder, "server.log");

    /// <summary>A broker that runs. Without a folder it has one of its own, which goes with it.</summary>
    public static async Task<KafkaBroker> StartAsync(
        KafkaDistribution distribution, string? folder = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        var broker = Create(distribution, folder, settings);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>A broker that does not run yet, its address known already. A short-lived one starts with less work and is slower afterwards.</summary>
    public static KafkaBroker Create(
        KafkaDistribution distribution,
        string? folder = null,
        IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyList<BrokerListener>? listeners = null,
        bool isShortLived = false) =>
        new(distribution, folder, settings, listeners, isShortLived);

    /// <summary>Starts it, the first time or again, and waits until clients can connect.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(PropertiesFile, BrokerProperties.Text(_port, _controllerPort, Path.Combine(_folder, "logs"), _listeners, _settings));
        await File.WriteAllTextAsync(Path.Combine(_folder, "log4j2.properties"), BrokerProperties.Logging);
        if (!File.Exists(Path.Combine(_folder, "logs", "meta.properties")))
            await FormatAsync();
        await RunAsync();
    }

    /// <summary>SIGTERM: the broker closes its logs and goes.</summary>
    public Task StopAsync() => EndAsync(SignalTerminate);

    /// <summary>SIGKILL: as a machine that loses power, but for what the system still holds in its page cache.</summary>
    public Task KillAsync() => EndAsync(SignalKill);

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
            await KillAsync();
        if (_isFolderOurs)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new StreamWriter(LogFile, append: true) { AutoFlush = true };
        var arguments = JavaArguments([.. _isShortLived ? QuickStart : ["-XX:+UseG1GC"], "-Xms256m", "-Xmx768m", "kafka.Kafka", PropertiesFile]);
        var start = Guard.Of("java", arguments, new Dictionary<string, string>());
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        void Read(string? line)
        {
            if (line is null)
                return;
            lock (log)
                log.WriteLine(line);
            if (line.Contains(ReadyMark, StringComparison.Ordinal))
                ready.TrySetResult();
        }

        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"the broker ended; see {LogFile}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await ready.Task.WaitAsync(StartTimeout);
    }

    private async Task EndAsync(int signal)
    {
        var process = _process ?? throw new InvalidOperationException("the broker does not run");
        _process = null;
        _ = Kill(process.Id, signal);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task FormatAsync()
    {
        using var format = Process.Start(new ProcessStartInfo(
            "java",
            JavaArguments([.. QuickStart, "-Xmx128m", "kafka.tools.StorageTool", "format", "--standalone", "-t", BrokerProperties.ClusterId, "-c", PropertiesFile]))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await Task.WhenAll(format.StandardOutput.ReadToEndAsync(), format.StandardError.ReadToEndAsync());
        await format.WaitForExitAsync();
        if (format.ExitCode != 0)
            throw new InvalidOperationException($"the broker's storage cannot be formatted: {string.Concat(said)}");
    }

    /// <summary>The options of the machine first, the class and its arguments last.</summary>
    private string[] JavaArguments(string[] arguments) =>
        [$"-Dlog4j2.configurationFile={Path.Combine(_folder, "log4j2.properties")}", "-cp", _distribution.ClassPath, .. arguments];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
