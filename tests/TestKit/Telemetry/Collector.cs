using System.Text;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit.Telemetry;

/// <summary>A real OpenTelemetry collector on free ports of loopback, which prints all that it receives.</summary>
public sealed class Collector : IAsyncDisposable
{
    public const string Part = "OpenTelemetry collector (otelcol)";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly GuardedProcess _process;
    private readonly string _folder;
    private readonly CollectedTelemetry _collected = new();
    private readonly StringBuilder _line = new();
    private long _position;

    private Collector(GuardedProcess process, string folder, Uri endpoint)
    {
        _process = process;
        _folder = folder;
        Endpoint = endpoint;
    }

    /// <summary>OTLP over gRPC.</summary>
    public Uri Endpoint { get; }

    private string OutputFile => OutputOf(_folder);

    /// <summary>Starts one; skips the test where there is none.</summary>
    public static async Task<Collector> StartAsync()
    {
        var program = Repository.BesideOrNull("tools", "otelcol");
        var whyNot = program is null ? "../shared/tools/otelcol is not there" : null;
        if (whyNot is not null)
            RealParts.Missing(Part, whyNot);
        MissingPart.SkipWithout(Part, whyNot);
        var folder = Directory.CreateTempSubdirectory("otelcol-").FullName;
        var endpoint = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var configuration = Path.Combine(folder, "collector.yaml");
        await File.WriteAllTextAsync(configuration, $$"""
            receivers: { otlp: { protocols: { grpc: { endpoint: "{{endpoint.Authority}}" } } } }
            exporters: { debug: { verbosity: detailed } }
            service:
              telemetry: { metrics: { level: none } }
              pipelines:
                traces: { receivers: [otlp], exporters: [debug] }
                metrics: { receivers: [otlp], exporters: [debug] }
            """);
        var collector = new Collector(GuardedProcess.Start(program!, ["--config", configuration], new Dictionary<string, string>(), OutputOf(folder)), folder, endpoint);
        await Eventually.HoldsAsync(
            _ =>
            {
                var output = collector._process.Output;
                if (collector._process.HasExited)
                    throw new InvalidOperationException($"{program} ended:\n{output}");
                return Task.FromResult(output.Contains("Everything is ready", StringComparison.Ordinal) ? null : $"{program} is not ready:\n{output}");
            },
            StartTimeout,
            CancellationToken.None);
        RealParts.Found(Part, $"{endpoint} ({program})");
        return collector;
    }

    /// <summary>All that has arrived until now.</summary>
    public async Task<CollectedTelemetry> ReadAsync(CancellationToken cancellation)
    {
        await using var file = new FileStream(OutputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _position;
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellation);
        _position = file.Position;
        foreach (var character in text)
        {
            if (character != '\n')
            {
                _line.Append(character);
                continue;
            }

            _collected.Read(_line.ToString());
            _line.Clear();
        }

        return _collected;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string OutputOf(string folder) => Path.Combine(folder, "output.txt");
}
