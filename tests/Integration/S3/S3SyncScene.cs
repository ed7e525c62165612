using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.Tests.Integration.EndToEnd;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>One cohort on a real Kafka, the destinations that it goes to, and <c>s3-sink</c> as processes of its own for them.</summary>
/// <param name="bucket">Where all destinations of the scene write, each under its own id.</param>
internal sealed class S3SyncScene(string bucket, SharedKafka kafka, ILog log)
{
    public const int Members = 200;

    /// <summary>Makes three parts of the file of those who enter.</summary>
    private const int TextBytes = 100_000;

    private const string Cohort = "buyers";

    private readonly PipelineTopics _topics = new($"syncs-{Guid.NewGuid():N}", partitionCount: 1, activityRetention: null);

    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What can be seen of the one sync of a destination, by kind.</summary>
    /// <param name="folder">The bucket's.</param>
    public static Dictionary<string, byte[]> Read(string folder, string destination)
    {
        var objects = Path.Combine(folder, destination);
        return Directory.Exists(objects)
            ? Directory.GetFiles(objects).ToDictionary(file => Path.GetFileName(file).Split('_')[^1], File.ReadAllBytes)
            : [];
    }

    public async Task FillAsync()
    {
        foreach (var topic in _topics.All)
            await log.Admin.CreateAsync(topic, Cancellation);
        Publish(_topics.CohortDefinitions, Cohort, new CohortDefinitionRow(Cohort, 1, "{}"u8.ToArray()).Encode());
        using var writer = log.OpenWriter(_topics.Named("members"));
        var memberships = writer.Topic(_topics.Memberships.Name);
        for (var member = 0; member < Members; member++)
        {
            var user = string.Create(CultureInfo.InvariantCulture, $"user-{member * 7919 % Members}");
            writer.Append(memberships, 0, Encoding.UTF8.GetBytes($"{Cohort}/u:{user}"), Row(user, member));
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>A destination whose first sync comes within five seconds.</summary>
    public void Define(string destination, DestinationEndpoint endpoint) => Publish(_topics.Destinations, destination, DestinationCodec.Encode(new S3Destination
    {
        Id = destination,
        Bucket = bucket,
        Endpoint = endpoint,
        Region = "us-east-1",
        Cohorts = CohortSelection.Of([Cohort]),
        Cadence = Cadence.RealTime,
        SyncInterval = TimeSpan.FromSeconds(5),
        Path = destination,
        UserProperties = ["plan"],
    }));

    /// <summary>A process of the service for the destination.</summary>
    public Task<ServiceProcess> StartAsync(string destination) => StartAsync(destination, Ports.Free());

    /// <param name="port">Where it tells its health.</param>
    public async Task<ServiceProcess> StartAsync(string destination, int port)
    {
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

    /// <summary>Waits until the sync is noted as done.</summary>
    public Task DoneAsync(string destination) => Eventually.HoldsAsync(
        async cancellation =>
        {
            CohortSyncState? state = null;
            await TopicFollower.ReadToEndAsync(
                log,
                _topics.Named("reader"),
                [_topics.SinkState.Name],
                (in LogRecord record) => state = SyncStateCodec.TryCohortOf(record.Key, destination, out _) ? SyncStateCodec.Decode(record.Value) : state,
                cancellation);
            return state is { Pending: null, Last.Members: Members } ? null : $"the sync is not done: {state}";
        },
        Deadline,
        Cancellation);

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

    private void Publish(TopicSpec topic, string key, byte[] value)
    {
        using var writer = log.OpenWriter(_topics.Named($"hand.{Guid.NewGuid():N}"));
        writer.Append(writer.Topic(topic.Name), 0, Encoding.UTF8.GetBytes(key), value);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }
}
