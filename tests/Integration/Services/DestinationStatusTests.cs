using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>
/// What people see of a destination where its sink is a process of its own, as in production: the command line asks control-api,
/// which has it from the log; and the sink's metrics add up whenever they are read.
/// </summary>
public sealed partial class DestinationStatusTests(SharedKafka kafka) : IDisposable
{
    private const int Seed = 20_261_129;
    private const int Partitions = 2;
    private const int Users = 200;
    private const int Rounds = 40;

    /// <summary>Different ones, while it delivers: the exporter answers the same for a while.</summary>
    private const int MomentsSeen = 4;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly string _folder = Directory.CreateTempSubdirectory("status-").FullName;
    private readonly int _controlPort = Ports.Free();
    private readonly int _sinkPort = Ports.Free();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_command_line_shows_how_a_sink_of_its_own_stands_and_its_metrics_add_up_at_any_moment()
    {
        var servers = await kafka.ServersAsync();
        await using var log = await kafka.OpenAsync();
        var topics = new PipelineTopics($"status-{Guid.NewGuid():n}", Partitions, null);
        await using var kinesis = await LocalKinesis.StartAsync(new() { Faults = new RandomFaults(Seed, new() { FailedEntries = 0.1 }), Rate = new(1_500, 1024 * 1024) });
        await using var control = Start("control-api", servers, topics.Prefix, _controlPort);
        await control.ReadyAsync(_controlPort, Deadline, Cancellation);
        var file = Path.Combine(_folder, "ads.yaml");
        await File.WriteAllTextAsync(
            file, $"id: ads\nsink: kinesis\ncohorts: [\"*\"]\nregion: us-west-2\nstream: late\nendpoint: {kinesis.Address}\nformat: amplitude-cohort\nidentifier_field: user_id\n", Cancellation);
        Assert.Equal(0, (await Run("destinations", "add", file)).ExitCode);
        Assert.Matches("ads +kinesis +configured", (await Run("destinations", "status")).Output);

        OldDestination.Begin(log, topics, "ads");
        Append(log, topics);
        var credentials = await kinesis.Credentials.GetCredentialsAsync();
        await using var sink = Start("kinesis-sink", servers, topics.Prefix, _sinkPort, ("AWS_ACCESS_KEY_ID", credentials.AccessKey), ("AWS_SECRET_ACCESS_KEY", credentials.SecretKey), ("Sink__Destination", "ads"));
        await StatusIs("parked: ResourceNotFoundException", sink);
        var (_, parked) = await CohortCtl.JsonAsync(_folder, Cancellation, "destinations", "status", "ads", "--server", $"http://127.0.0.1:{_controlPort}");
        var told = parked.GetProperty("destinations")[0];
        Assert.Equal(("parked", 1), (told.GetProperty("state").GetString(), told.GetProperty("instances").GetInt32()));
        Assert.True(told.GetProperty("oldest_unaccepted_seconds").GetDouble() > 0, $"{told}");
        Assert.True(told.GetProperty("retries").GetProperty("ResourceNotFoundException").GetInt64() > 0, $"{told}");

        kinesis.Server.CreateStream("late", 2);
        await AddUpWhileItDelivers();
        await StatusIs("live", sink);
        await Eventually.HoldsAsync(
            async _ =>
            {
                var (_, all) = await CohortCtl.JsonAsync(_folder, Cancellation, "status", "--server", $"http://127.0.0.1:{_controlPort}");
                var one = all.GetProperty("destinations")[0];
                var records = one.GetProperty("records");
                return (records.GetProperty("accepted").GetInt64(), records.GetProperty("in_flight").GetInt64(), one.GetProperty("lag").GetProperty("lag").GetInt64()) == (Users * Rounds, 0, 0)
                    && one.GetProperty("retries").GetProperty("InternalFailure").GetInt64() > 0
                    ? null
                    : $"{one}\n{sink.Output}";
            },
            Deadline,
            Cancellation);
        Assert.Equal(1, (await Run("destinations", "status", "nobody")).ExitCode);

        Assert.Equal(0, await sink.StopAsync(Deadline, Cancellation));
        await StatusIs("configured", sink);
    }

    /// <summary>Looks at moments drawn by a seed, from when it is parked until all is delivered.</summary>
    private async Task AddUpWhileItDelivers()
    {
        var random = new Random(Seed);
        var seen = new HashSet<double>();
        for (var started = Stopwatch.GetTimestamp(); !seen.Contains(Users * Rounds);)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, $"seed {Seed}: after {Deadline} accepted was seen as {string.Join(", ", seen)}");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, 200)));
            await pause.WaitForNextTickAsync(Cancellation);
            var metrics = await Http.GetStringAsync(new Uri($"http://127.0.0.1:{_sinkPort}/metrics"), Cancellation);
            double Of(string name) => Sample().Matches(metrics).Where(sample => sample.Groups["name"].Value == name).Sum(sample => double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
            var received = Of("cohort_sink_received");
            Assert.Equal(received, Of("cohort_sink_accepted_total") + Of("cohort_sink_dead_lettered_total") + Of("cohort_sink_filtered_total") + Of("cohort_sink_in_flight"));
            seen.Add(Of("cohort_sink_accepted_total"));
        }

        Assert.True(seen.Count >= MomentsSeen, $"seed {Seed}: accepted was seen as {string.Join(", ", seen)}");
    }

    private Task StatusIs(string standing, ServiceProcess sink) => Eventually.HoldsAsync(
        async _ =>
        {
            var status = (await Run("destinations", "status")).Output;
            return Regex.IsMatch(status, $"ads +kinesis +{standing}") ? null : $"{status}\n{sink.Output}";
        },
        Deadline,
        Cancellation);

    private Task<CommandResult> Run(params string[] arguments) => CohortCtl.RunAsync(_folder, Cancellation, [.. arguments, "--server", $"http://127.0.0.1:{_controlPort}"]);

    private static ServiceProcess Start(string service, string servers, string prefix, int port, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Http__Port"] = $"{port}",
            ["Kafka__bootstrap.servers"] = servers,
            ["Pipeline__Prefix"] = prefix,
            ["Pipeline__Partitions"] = $"{Partitions}",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return ServiceProcess.Start(service, settings);
    }

    private static void Append(ILog log, PipelineTopics topics)
    {
        using var writer = log.OpenWriter($"{topics.Prefix}.test");
        var topic = writer.Topic(topics.MembershipDeltas.Name);
        for (var version = 1; version <= Rounds; version++)
        {
            for (var user = 0; user < Users; user++)
                new SampleDelta($"user{user}", version, Change: version % 2 == 0 ? MembershipChange.Exit : MembershipChange.Enter).AppendTo(writer, topic);
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>A sample of Prometheus' text: name, labels, value, and perhaps an instant.</summary>
    [GeneratedRegex("^(?<name>\\w+)\\{[^}]*\\} (?<value>[^ \\n]+)", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
