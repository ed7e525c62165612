using System.Globalization;
using System.Net.Sockets;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.TestKit.Aws.Kinesis;

/// <summary>
/// <c>kinesis-local</c> (<c>npm install -g kinesis-local</c>) as a second opinion, an assembly fixture: started when the first
/// test asks for it. It checks no signatures.
/// </summary>
public sealed class SharedKinesisMock : IAsyncLifetime
{
    private const string Part = "Kinesis (kinesis-local)";
    private const string Program = "kinesis-local";
    private const string Certificate = "server.json";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Lazy<Task<Uri>> _started;
    private readonly string _folder = Directory.CreateTempSubdirectory("kinesis-mock-").FullName;
    private GuardedProcess? _process;

    public SharedKinesisMock() => _started = new(StartAsync);

    /// <summary>Skips the test where there is none.</summary>
    public Task<Uri> AddressAsync() => _started.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Uri> StartAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists);
        if (program is null)
            RealParts.Missing(Part, $"{Program} is not on the PATH");
        MissingPart.SkipWithout(Part, program is null ? $"{Program} is not on the PATH (npm install -g {Program})" : null);
        var (port, tlsPort) = (Ports.Free(), Ports.Free());
        var environment = new Dictionary<string, string>
        {
            ["KINESIS_MOCK_PLAIN_PORT"] = Text(port),
            ["KINESIS_MOCK_TLS_PORT"] = Text(tlsPort),
            ["KINESIS_MOCK_CERT_PATH"] = Path.Combine(Path.GetDirectoryName(File.ResolveLinkTarget(program!, returnFinalTarget: true)?.FullName ?? program)!, Certificate),
        };
        _process = GuardedProcess.Start(program!, [], environment, Path.Combine(_folder, "output.txt"));
        await Eventually.HoldsAsync(
            async cancellation =>
            {
                if (_process.HasExited)
                    throw new InvalidOperationException($"{Program} ended:\n{_process.Output}");
                return await ListensAsync(port, cancellation) ? null : $"{Program} does not listen:\n{_process.Output}";
            },
            StartTimeout,
            CancellationToken.None);
        RealParts.Found(Part, program!);
        return new($"http://127.0.0.1:{port}");
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
