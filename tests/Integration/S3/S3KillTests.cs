using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.Tests.Integration.EndToEnd;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>
/// The service as a process on a real Kafka before a strict S3 server: kill -9 at every request of one sync, before the server
/// has seen it or before the service has seen the answer, and a new process after each. The set is complete or
/// absent at any time, and is in the end, byte for byte, that of a destination that nobody disturbed.
/// </summary>
public sealed class S3KillTests(VersityGateway gateway, SharedKafka kafka)
{
    private const string Bucket = "killed-syncs";

    /// <summary>Makes three parts, with texts of 100 kB.</summary>
    private const int Members = 200;
    private const int TextBytes = 100_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    /// <summary>The requests of a sync, in their order. The server has done what it asks when the service dies, or has not seen it.</summary>
    private static readonly (string Name, string Method, string Kind, string Query, bool IsSeen)[] Requests =
    [
        ("begin", "POST", "_entering.csv", "?uploads", false),
        ("begin", "POST", "_entering.csv", "?uploads", true),
        ("part 1", "PUT", "_entering.csv", "partNumber=1&", false),
        ("part 2", "PUT", "_entering.csv", "partNumber=2&", true),
        ("the last part", "PUT", "_entering.csv", "partNumber=3&", false),
        ("completion", "POST", "_entering.csv", "?uploadId=", false),
        ("completion", "POST", "_entering.csv", "?uploadId=", true),
        ("exiting", "PUT", "_exiting.csv", "", true),
        ("existing", "PUT", "_existing.csv", "", false),
        ("manifest", "PUT", "_manifest.json", "", false),
        ("manifest", "PUT", "_manifest.json", "", true),
    ];

    private readonly PipelineTopics _topics = new($"kills-{Guid.NewGuid():N}", partitionCount: 1, activityRetention: null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sync_survives_a_kill_at_each_of_its_requests()
    {
        var folder = gateway.CreateBucket(Bucket);
        var log = await kafka.OpenAsync();
        await FillAsync(log, await gateway.EndpointAsync());
        await using var gate = await RequestGate.StartAsync(await gateway.AddressAsync());
        Publish(log, _topics.Destinations, "killed", DestinationCodec.Encode(Destination("killed", S3SinkBench.EndpointOf(gate.Address.ToString()))));

        await using (var undisturbed = await StartAsync("calm"))
            await ManifestAsync(folder, "calm");
        var expected = Read(folder, "calm");
        Assert.True(expected["entering.csv"].Length > 16 * 1024 * 1024, "the file must have three parts");

        foreach (var request in Requests)
        {
            await KillAtAsync(gate, folder, request);
            CheckStored(folder, expected, request.Name);
        }

        await using (var last = await StartAsync("killed"))
            await DoneAsync(log);
        CheckStored(folder, expected, "the end");
        CheckManifest(folder);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), Read(folder, "killed").Keys.Order(StringComparer.Ordinal));
        using var store = new ObjectStores(TimeProvider.System, VersityGateway.Credentials).Open(S3SinkBench.Destination(Bucket, await gateway.EndpointAsync()));
        Assert.Empty((await store.UnfinishedAsync("", Cancellation)).Uploads);
    }

    private async Task KillAtAsync(RequestGate gate, string folder, (string Name, string Method, string Kind, string Query, bool IsSeen) request)
    {
        var held = gate.Hold(request.Method, target => target.Contains(request.Kind, StringComparison.Ordinal) && $"{target}&".Contains(request.Query, StringComparison.Ordinal));
        await using var service = await StartAsync("killed");
        try
        {
            await held.Arrived.WaitAsync(Deadline, Cancellation);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"no request for {request.Name} (seen: {request.IsSeen}):\n{service.Output}");
        }

        if (request.IsSeen)
            await held.LoseAnswersAsync();
        await service.KillAsync(Cancellation);
        if (!request.IsSeen)
            held.Drop();
        var hasManifest = Read(folder, "killed").ContainsKey("manifest.json");
        Assert.Equal(request.Name == "manifest" && request.IsSeen, hasManifest);
    }

    /// <summary>Whatever can be seen is whole, and what the undisturbed destination has.</summary>
    private static void CheckStored(string folder, Dictionary<string, byte[]> expected, string where)
    {
        foreach (var (name, bytes) in Read(folder, "killed").Where(item => item.Key != "manifest.json"))
            Assert.True(bytes.AsSpan().SequenceEqual(expected[name]), $"{name} differs after the kills at {where}");
    }

    private static void CheckManifest(string folder)
    {
        var objects = Read(folder, "killed");
        using var manifest = JsonDocument.Parse(objects["manifest.json"]);
        foreach (var file in manifest.RootElement.GetProperty("files").EnumerateArray())
        {
            var bytes = objects[$"{file.GetProperty("type").GetString()}.csv"];
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.GetProperty("sha256").GetString());
            Assert.Equal(Checksum.Of(bytes), file.GetProperty("crc64nvme").GetString());
        }
    }

    /// <summary>What can be seen of the one sync of a destination, by kind.</summary>
    private static Dictionary<string, byte[]> Read(string folder, string destination)
    {
        var objects = Path.Combine(folder, destination);
        return Directory.Exists(objects)
            ? Directory.GetFiles(objects).ToDictionary(file => Path.GetFileName(file).Split('_')[^1], File.ReadAllBytes)
            : [];
    }

    private static Task ManifestAsync(string folder, string destination) =>
        Eventually.HoldsAsync(() => Read(folder, destination).ContainsKey("manifest.json"), $"no manifest of `{destination}`", Deadline, Cancellation);

    private Task DoneAsync(ILog log) => Eventually.HoldsAsync(
        async cancellation =>
        {
            CohortSyncState? state = null;
            await TopicFollower.ReadToEndAsync(
                log,
                _topics.Named("reader"),
                [_topics.SinkState.Name],
                (in LogRecord record) => state = SyncStateCodec.TryCohortOf(record.Key, "killed", out _) ? SyncStateCodec.Decode(record.Value) : state,
                cancellation);
            return state is { Pending: null, Last.Members: Members } ? null : $"the sync is not done: {state}";
        },
        Deadline,
        Cancellation);

    private async Task<ServiceProcess> StartAsync(string destination)
    {
        var port = Ports.Free();
        var service = ServiceProcess.Start(
            KafkaServices.S3Sink,
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = VersityGateway.AccessKey,
                ["AWS_SECRET_ACCESS_KEY"] = VersityGateway.SecretKey,
                ["AWS_EC2_METADATA_DISABLED"] = "true",
            },
            "--Pipeline:Log=Kafka",
            $"--Kafka:bootstrap.servers={await kafka.ServersAsync()}",
            "--Kafka:session.timeout.ms=2000",
            "--Kafka:heartbeat.interval.ms=500",
            $"--Pipeline:Prefix={_topics.Prefix}",
            "--Pipeline:Partitions=1",
            $"--Pipeline:Clock={ClockKind.Record}",
            $"--Sink:Destination={destination}",
            $"--Http:Port={port}");
        await service.ReadyAsync(port, Deadline, Cancellation);
        return service;
    }

    private async Task FillAsync(ILog log, DestinationEndpoint calm)
    {
        foreach (var topic in _topics.All)
            await log.Admin.CreateAsync(topic, Cancellation);
        Publish(log, _topics.CohortDefinitions, "buyers", new CohortDefinitionRow("buyers", 1, "{}"u8.ToArray()).Encode());
        Publish(log, _topics.Destinations, "calm", DestinationCodec.Encode(Destination("calm", calm)));
        using var writer = log.OpenWriter(_topics.Named("members"));
        var memberships = writer.Topic(_topics.Memberships.Name);
        for (var member = 0; member < Members; member++)
        {
            var user = string.Create(CultureInfo.InvariantCulture, $"user-{member * 7919 % Members}");
            writer.Append(memberships, 0, Encoding.UTF8.GetBytes($"buyers/u:{user}"), Row(user, member));
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private static byte[] Row(string user, int member)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"\"{member}\"\r\n=\0,{new string((char)('a' + (member % 26)), TextBytes)}");
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            MembershipWriter.Write(writer, new()
            {
                In = true,
                EnteredAt = 1,
                At = 1,
                Version = 1,
                FirstSeenAt = 1,
                UserId = Encoding.UTF8.GetBytes(user),
                AmplitudeId = member,
                Properties = JsonSerializer.SerializeToUtf8Bytes(new { plan = text }),
            });
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Publish(ILog log, TopicSpec topic, string key, byte[] value)
    {
        using var writer = log.OpenWriter(_topics.Named($"hand.{Guid.NewGuid():N}"));
        writer.Append(writer.Topic(topic.Name), 0, Encoding.UTF8.GetBytes(key), value);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Its first sync comes within five seconds.</summary>
    private static S3Destination Destination(string id, DestinationEndpoint endpoint) => new()
    {
        Id = id,
        Bucket = Bucket,
        Endpoint = endpoint,
        Region = "us-east-1",
        Cohorts = CohortSelection.Of(["buyers"]),
        Cadence = Cadence.RealTime,
        SyncInterval = TimeSpan.FromSeconds(5),
        Path = id,
        UserProperties = ["plan"],
    };
}
