using System.Net;
using System.Net.Sockets;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>Each service as a process of its own: what it does with bad settings, a taken port, a log that is not there.</summary>
public sealed class ServiceStartTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _folder = Directory.CreateTempSubdirectory("service-").FullName;

    public static TheoryData<string> Services => ["event-ingest", "identify-ingest", "membership-evaluator", "kinesis-sink", "s3-sink", "control-api"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Bad_settings_are_listed_whole_and_end_it_with_exit_code_1(string service)
    {
        await using var process = ServiceProcess.Start(service, new Dictionary<string, string>
        {
            ["Http__Port"] = $"{Ports.Free()}",
            ["Pipeline__Partitions"] = "many",
            ["Pipeline__Prefx"] = "shop",
            ["Kafka__acks"] = "0",
            ["Telemetry__SampleRatio"] = "7",
        });

        await EndOf(process);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains($"{service} cannot start:", process.Output, StringComparison.Ordinal);
        Assert.Contains("Pipeline:Partitions is `many`: expected a whole number.", process.Output, StringComparison.Ordinal);
        Assert.Contains("Pipeline:Prefx is not a setting; did you mean Prefix?", process.Output, StringComparison.Ordinal);
        Assert.Contains("Telemetry:SampleRatio lies between 0 and 1.", process.Output, StringComparison.Ordinal);
        Assert.Contains("Kafka:acks cannot be set", process.Output, StringComparison.Ordinal);
        Assert.Contains("Kafka:bootstrap.servers is missing", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var process = ServiceProcess.Start("event-ingest", Embedded(port));

        await EndOf(process);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains($"port {port} on 127.0.0.1 is in use by another process: stop it, or set Http__Port to a free one.", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_Kafka_it_waits_says_so_and_ends_on_SIGTERM()
    {
        var port = Ports.Free();
        await using var process = ServiceProcess.Start("membership-evaluator", new Dictionary<string, string>
        {
            ["Http__Port"] = $"{port}",
            ["Kafka__bootstrap.servers"] = $"127.0.0.1:{Ports.Free()}",
        });

        await Eventually.HoldsAsync(
            _ => Task.FromResult(process.Output.Contains("The log is not there yet", StringComparison.Ordinal) && process.Output.Contains("Asking again in", StringComparison.Ordinal) ? null : process.Output),
            Deadline,
            Cancellation);
        using var alive = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        using var ready = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("waiting for the log", await ready.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(0, await process.StopAsync(Deadline, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task It_starts_alone_becomes_ready_and_ends_on_SIGTERM(string service)
    {
        var port = Ports.Free();
        await using var process = ServiceProcess.Start(service, Embedded(port));
        await process.ReadyAsync(port, Deadline, Cancellation);
        var metrics = await Http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Cancellation);
        Assert.Contains("target_info", metrics, StringComparison.Ordinal);
        Assert.Equal(0, await process.StopAsync(Deadline, Cancellation));
    }

    [Fact]
    public async Task A_topic_that_contradicts_the_settings_ends_it_with_exit_code_1()
    {
        var port = Ports.Free();
        await using (var first = ServiceProcess.Start("control-api", Embedded(port)))
        {
            await first.ReadyAsync(port, Deadline, Cancellation);
            await first.StopAsync(Deadline, Cancellation);
        }

        var settings = Embedded(port);
        settings["Pipeline__Partitions"] = "7";
        await using var second = ServiceProcess.Start("control-api", settings);
        await EndOf(second);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("topic activity has 4 partitions, expected 7", second.Output, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Embedded(int port) => new()
    {
        ["Http__Port"] = $"{port}",
        ["Pipeline__Log"] = "Embedded",
        ["Pipeline__Data"] = _folder,
    };

    private static Task EndOf(ServiceProcess process) =>
        Eventually.HoldsAsync(_ => Task.FromResult(process.HasExited ? null : $"{process.Name} goes on:\n{process.Output}"), Deadline, Cancellation);
}
