using System.Text.RegularExpressions;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Shipping;

/// <summary>What the Dockerfiles do, without Docker: their publish command is run, and what it gave is started as a user that is not root.</summary>
public sealed partial class DockerfileTests : IDisposable
{
    private const string Nobody = "65534";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _output = Directory.CreateTempSubdirectory("published-").FullName;

    public static TheoryData<string> Services => ["event-ingest", "identify-ingest", "membership-evaluator", "kinesis-sink", "s3-sink", "control-api"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_output, recursive: true);

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Publishes_a_service_that_runs_without_root(string service)
    {
        var dockerfile = await File.ReadAllTextAsync(Repository.PathOf("services", service, "Dockerfile"), Cancellation);
        Assert.Contains("USER $APP_UID", dockerfile, StringComparison.Ordinal);
        var arguments = PublishCommand().Match(dockerfile).Groups["arguments"].Value.Replace("/app", _output, StringComparison.Ordinal).Split(' ');
        var published = await Command.RunAsync("dotnet", arguments, cancellation: Cancellation);
        Assert.True(published.ExitCode == 0, published.ToString());
        var assembly = Path.Combine(_output, EntryPoint().Match(dockerfile).Groups["assembly"].Value);
        Assert.True(File.Exists(assembly), $"{assembly} was not published");

        var port = Ports.Free();
        var (program, user) = WithoutRoot();
        await using var process = ServiceProcess.StartProgram(service, program, [.. user, assembly], new Dictionary<string, string>
        {
            ["Http__Port"] = $"{port}",
            ["Kafka__bootstrap.servers"] = $"127.0.0.1:{Ports.Free()}",
        });
        await Eventually.HoldsAsync(async token => await IsAliveAsync(port, token) ? null : process.Output, Deadline, Cancellation);
        Assert.Equal(0, await process.StopAsync(Deadline, Cancellation));
    }

    [Fact]
    public async Task The_command_line_is_published_and_answers()
    {
        var dockerfile = await File.ReadAllTextAsync(Repository.PathOf("services", "cohortctl", "Dockerfile"), Cancellation);
        var arguments = PublishCommand().Match(dockerfile).Groups["arguments"].Value.Replace("/app", _output, StringComparison.Ordinal).Split(' ');
        var published = await Command.RunAsync("dotnet", arguments, cancellation: Cancellation);
        Assert.True(published.ExitCode == 0, published.ToString());
        var help = await Command.RunAsync("dotnet", [Path.Combine(_output, "cohortctl.dll"), "--help"], cancellation: Cancellation);
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("cohorts", help.Output, StringComparison.Ordinal);
    }

    /// <summary>The prefix of a command line that gives up root, where the tests have it.</summary>
    private (string Program, string[] Arguments) WithoutRoot()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root")
            return ("dotnet", []);
        File.SetUnixFileMode(_output, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return ("setpriv", [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "dotnet"]);
    }

    private static async Task<bool> IsAliveAsync(int port, CancellationToken cancellation)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [GeneratedRegex("^RUN dotnet (?<arguments>publish .*)$", RegexOptions.Multiline)]
    private static partial Regex PublishCommand();

    [GeneratedRegex("^ENTRYPOINT \\[\"dotnet\", \"(?<assembly>[^\"]+)\"\\]", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();
}
