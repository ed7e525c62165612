using System.Net.Sockets;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.TestKit.Aws;

/// <summary>
/// The S3 server of a test run, an assembly fixture: a strict one over a folder, which checks signatures and checksums and
/// knows conditional writes. Started when the first test asks for it, and shared by all; a bucket of a test must be its own.
/// </summary>
public sealed class VersityGateway : IAsyncLifetime
{
    public const string Part = "S3 (versitygw)";

    public const string AccessKey = "test-access-key";

    public const string SecretKey = "test-secret-key";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _folder = Directory.CreateTempSubdirectory("versitygw-").FullName;
    private readonly Lazy<Task<(Uri? Address, string WhyNot)>> _found;
    private GuardedProcess? _server;

    public VersityGateway() => _found = new(FindAsync);

    public static AWSCredentials Credentials { get; } = new BasicAWSCredentials(AccessKey, SecretKey);

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Where it listens; a test without it is skipped, with the reason.</summary>
    public async Task<Uri> AddressAsync()
    {
        var (address, whyNot) = await _found.Value;
        MissingPart.SkipWithout(Part, address is null ? whyNot : null);
        return address!;
    }

    /// <summary>Its address as a destination names it.</summary>
    public async Task<DestinationEndpoint> EndpointAsync()
    {
        var address = await AddressAsync();
        return DestinationEndpoint.TryParse(address.ToString(), out var endpoint) ? endpoint : throw new InvalidOperationException($"{address} is no endpoint");
    }

    /// <summary>Makes a bucket and answers the folder in which its objects lie as files.</summary>
    public string CreateBucket(string name) => Directory.CreateDirectory(Path.Combine(Data, name)).FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(Uri? Address, string WhyNot)> FindAsync()
    {
        var tool = Repository.BesideOrNull("tools", "versitygw");
        if (tool is null)
        {
            const string whyNot = "../shared/tools/versitygw is not there";
            RealParts.Missing(Part, whyNot);
            return (null, whyNot);
        }

        Directory.CreateDirectory(Data);
        var port = Ports.Free();
        var address = new Uri($"http://127.0.0.1:{port}");
        _server = GuardedProcess.Start(
            tool,
            ["--port", $"127.0.0.1:{port}", "posix", Data],
            new Dictionary<string, string> { ["ROOT_ACCESS_KEY"] = AccessKey, ["ROOT_SECRET_KEY"] = SecretKey },
            Path.Combine(_folder, "output.txt"));
        await Eventually.HoldsAsync(
            async cancellation =>
            {
                if (_server.HasExited)
                    throw new InvalidOperationException($"{tool} ended:\n{_server.Output}");
                return await AnswersAsync(address, cancellation) ? null : $"{tool} does not answer:\n{_server.Output}";
            },
            StartTimeout,
            CancellationToken.None);
        RealParts.Found(Part, $"{address} ({tool})");
        return (address, "");
    }

    private static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            using var _ = await Http.GetAsync(address, cancellation);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return false;
        }
    }
}
