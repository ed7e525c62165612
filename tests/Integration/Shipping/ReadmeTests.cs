using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.Tests.Integration.EndToEnd;
using Xunit;

namespace CohortPipeline.Tests.Integration.Shipping;

/// <summary>The README as a newcomer uses it: every command in it is run, with the files that it shows.</summary>
public sealed class ReadmeTests(SharedKafka kafka) : IDisposable
{
    private const string CommandLine = "./cohortctl ";
    private const string Service = "dotnet run --project services/";

    /// <summary>Needs Docker or a cluster.</summary>
    private static readonly string[] RunElsewhere = ["docker ", "helm install "];

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Readme _readme = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("readme-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_command_is_of_a_kind_that_is_run()
    {
        var pipeline = await File.ReadAllTextAsync(Repository.PathOf(".ci", "run"), Cancellation);
        foreach (var command in _readme.Commands)
        {
            if (command.StartsWith("make ", StringComparison.Ordinal))
                Assert.Contains(string.Join(' ', command.Split(' ')[..2]), pipeline, StringComparison.Ordinal);
            else
                Assert.True(RunElsewhere.Append(CommandLine).Append(Service).Any(kind => command.StartsWith(kind, StringComparison.Ordinal)), $"nobody runs `{command}`");
        }
    }

    [Fact]
    public async Task The_demo_takes_a_file_and_definitions()
    {
        var command = Assert.Single(_readme.Commands, command => command.StartsWith("make demo INPUT=", StringComparison.Ordinal));
        var shown = await Command.RunAsync("make", ["--dry-run", "--no-print-directory", .. command.Split(' ')[1..]], cancellation: Cancellation);
        Assert.Equal("./cohortctl demo --input \"shop.csv.gz\" --cohorts \"my-cohorts/\"", shown.Output.Trim());
    }

    [Fact]
    public void The_delta_is_one_byte_for_byte()
    {
        var shown = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(_readme.Delta)));
        Assert.True(new DeltaReader().TryRead(shown, out var delta, out var error), error);
        var written = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(written))
            DeltaWriter.Write(writer, delta);
        Assert.Equal(Encoding.UTF8.GetString(shown), Encoding.UTF8.GetString(written.WrittenSpan));
    }

    [Fact]
    public async Task The_command_line_leads_a_newcomer_to_a_member()
    {
        _readme.WriteFilesTo(_folder);
        var script = Repository.PathOf("cohortctl");
        var commands = _readme.Commands.Where(command => command.StartsWith(CommandLine, StringComparison.Ordinal)).Select(command => command[CommandLine.Length..].Split(' ')).ToList();
        Assert.Equal(["up"], commands[0]);
        var port = Ports.Free();
        var server = $"http://127.0.0.1:{port}";

        // The destination of the README is a real one's: nobody is asked for its role.
        await using var up = ServiceProcess.StartProgram("cohortctl", script, ["up", "--data", Path.Combine(_folder, "log"), $"--Http:Port={port}"], new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_STS"] = $"http://127.0.0.1:{Ports.Free()}",
        });
        await up.ReadyAsync(port, Deadline, Cancellation);
        foreach (var command in commands[1..])
        {
            var result = await Command.RunAsync(script, [.. command, "--server", server], _folder, Cancellation);
            Assert.True(result.ExitCode == 0, $"`{string.Join(' ', command)}`: {result}");
        }

        using var control = new ControlApi(port);
        await Eventually.HoldsAsync(
            async token => (await control.MembersAsync(token)).GetValueOrDefault("high-intent") is var members and not 1 ? $"{members} members" : null,
            Deadline,
            Cancellation);
        Assert.Equal(0, await up.StopAsync(Deadline, Cancellation));
    }

    [Fact]
    public async Task Each_service_starts_on_kafka_by_its_command()
    {
        var servers = await kafka.ServersAsync();
        var prefix = $"readme-{Guid.NewGuid():n}";
        var services = new List<(ServiceProcess Process, int Port)>();
        try
        {
            foreach (var command in _readme.Commands.Where(command => command.StartsWith(Service, StringComparison.Ordinal)))
                services.Add(Start(command.Replace("localhost:9092", servers, StringComparison.Ordinal), prefix));
            Assert.Equal(6, services.Count);
            var (process, port) = Assert.Single(services, service => service.Process.Name == "control-api");
            await process.ReadyAsync(port, Deadline, Cancellation);
            using var control = new ControlApi(port);
            await control.AddDestinationAsync($"id: ads-stream\nsink: kinesis\nformat: amplitude-cohort\ncohorts: [\"*\"]\nstart: now\nendpoint: \"file:{_folder}\"", Cancellation);
            await control.AddDestinationAsync($"id: warehouse\nsink: s3\ncohorts: [\"*\"]\nbucket: exports\nendpoint: \"file:{_folder}\"", Cancellation);
            foreach (var service in services)
                await service.Process.ReadyAsync(service.Port, Deadline, Cancellation);
        }
        finally
        {
            // `dotnet run` ends with its child when it is asked to; killed, it would leave it behind.
            foreach (var (process, _) in services)
            {
                await process.StopAsync(Deadline, CancellationToken.None);
                await process.DisposeAsync();
            }
        }
    }

    /// <summary>As the README has it, but what is built already, under topics of its own and on a free port.</summary>
    private static (ServiceProcess Process, int Port) Start(string command, string prefix)
    {
        var port = Ports.Free();
        var words = command.Split(' ');
        var service = words[3]["services/".Length..];
        var configuration = typeof(ReadmeTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var divider = Array.IndexOf(words, "--");
        string[] arguments = [.. words[1..divider], "--configuration", configuration, "--no-build", .. words[divider..], $"--Pipeline:Prefix={prefix}", $"--Http:Port={port}"];
        return (ServiceProcess.StartProgram(service, words[0], arguments, new Dictionary<string, string>()), port);
    }
}
