using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit.Aws;

/// <summary>One <c>moto_server</c>: Kinesis, STS, IAM and S3 in one process, on a free port of loopback.</summary>
public sealed class MotoServer : IAsyncDisposable
{
    public const string Part = "AWS (moto_server)";

    public const string Region = "us-west-2";

    private const string Program = "moto_server";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly GuardedProcess _process;
    private readonly string _folder;

    private MotoServer(GuardedProcess process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Address = address;
        Calls = new(address);
    }

    public Uri Address { get; }

    /// <summary>Calls of the services behind it.</summary>
    public MotoCalls Calls { get; }

    /// <summary>Where the program is, or null, with the reason.</summary>
    public static string? Find(out string whyNot)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists);
        whyNot = found is null ? $"{Program} is not on the PATH (pip install 'moto[server]')" : "";
        return found;
    }

    /// <summary>Starts one of the test's own; skips the test where there is none.</summary>
    /// <param name="unauthorizedCalls">After so many calls it checks signatures and policies; null: never.</param>
    public static async Task<MotoServer> StartAsync(int? unauthorizedCalls = null)
    {
        var program = Find(out var whyNot);
        if (program is null)
            RealParts.Missing(Part, whyNot);
        MissingPart.SkipWithout(Part, program is null ? whyNot : null);
        var folder = Directory.CreateTempSubdirectory("moto-").FullName;
        var port = Ports.Free();
        var environment = new Dictionary<string, string>();
        if (unauthorizedCalls is { } calls)
            environment["INITIAL_NO_AUTH_ACTION_COUNT"] = calls.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var server = new MotoServer(
            GuardedProcess.Start(program!, ["-H", "127.0.0.1", "-p", $"{port}"], environment, Path.Combine(folder, "output.txt")),
            folder,
            new($"http://127.0.0.1:{port}"));
        await Eventually.HoldsAsync(
            async cancellation =>
            {
                if (server._process.HasExited)
                    throw new InvalidOperationException($"{Program} ended:\n{server._process.Output}");
                return await server.Calls.AnswersAsync(cancellation) ? null : $"{Program} does not answer:\n{server._process.Output}";
            },
            StartTimeout,
            CancellationToken.None);
        RealParts.Found(Part, program!);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Calls.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
