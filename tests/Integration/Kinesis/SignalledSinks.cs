using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>One destination of one pipeline, its stream, and the processes that serve it, to which things are done by a seed while deltas come.</summary>
internal sealed class SignalledSinks(ILog log, string servers, int seed)
{
    private const string Stream = "signalled";
    private const int Users = 400;
    private const int ChangesAtPoint = 2;

    /// <summary>What Kafka gives up a member after, as low as brokers take it.</summary>
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly Random _random = new(seed);
    private readonly SentDeltas _sent = new();

    private enum Act
    {
        Kill,
        Freeze,
        Scale,
    }

    /// <summary>Does something at each point, in the middle of its deltas, and holds what the stream's owner has in the end against what was sent.</summary>
    /// <returns>How many deltas were sent, and how many records came again.</returns>
    public async Task<(int Sent, int Repeats)> RunAsync(int points, CancellationToken cancellation)
    {
        var pipeline = new PipelineOptions { Prefix = $"signalled-{Guid.NewGuid():N}", Partitions = 4 };
        var topics = pipeline.Topics();
        foreach (var topic in topics.All)
            await log.Admin.CreateAsync(topic, cancellation);
        await using var kinesis = await LocalKinesis.StartAsync(new()
        {
            Faults = new RandomFaults((ulong)seed, new() { FailedEntries = 0.2, Unanswered = 0.02, Late = 0.01, LatenessMax = TimeSpan.FromSeconds(1) }),
            Rate = new(800, 1024 * 1024),
        });
        kinesis.Server.CreateStream(Stream, 2);
        using var writer = log.OpenWriter($"{pipeline.Prefix}.test");
        Define(writer, topics, kinesis);
        OldDestination.Begin(log, topics, "ads");

        await using var fleet = new ServiceFleet(ServiceFleet.KinesisSink, servers, pipeline, Settings(), EnvironmentOf(kinesis));
        fleet.Start(0);
        await fleet.ReadyAsync(0, cancellation);
        for (var point = 0; point < points; point++)
        {
            await ReshardAsync(kinesis, point, points, cancellation);
            await DoAsync(fleet, kinesis, writer, topics, point, cancellation);
        }

        return (_sent.Count, await ReceiveAsync(kinesis, fleet, cancellation));
    }

    private static string[] Settings() =>
    [
        "--Sink:Destination=ads",
        "--Sink:StallMax=00:00:05",
        $"--Kafka:session.timeout.ms={SessionTimeout.TotalMilliseconds:0}",
        "--Kafka:heartbeat.interval.ms=500",
    ];

    private static Dictionary<string, string> EnvironmentOf(LocalKinesis kinesis)
    {
        var key = kinesis.Credentials.GetCredentials();
        return new() { ["AWS_ACCESS_KEY_ID"] = key.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = key.SecretKey, ["AWS_EC2_METADATA_DISABLED"] = "true" };
    }

    private static void Define(ILogWriter writer, PipelineTopics topics, LocalKinesis kinesis)
    {
        var destination = SenderFixtures.Destination(Stream, kinesis.Address, "identifier_field: user_id\nrecords_per_request: 40\n");
        writer.Append(writer.Topic(topics.Destinations.Name), 0, "ads"u8, DestinationCodec.Encode(destination));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>A shard is split after a third of the points, and two are merged after another.</summary>
    private static async Task ReshardAsync(LocalKinesis kinesis, int point, int points, CancellationToken cancellation)
    {
        var shards = await kinesis.Calls.ListShardsAsync(Stream, cancellation);
        if (point == points / 3)
            await kinesis.Calls.SplitAsync(Stream, shards[0], cancellation);
        else if (point == points * 2 / 3)
            await kinesis.Calls.MergeAsync(Stream, shards[3], shards[1], cancellation);
    }

    private async Task DoAsync(ServiceFleet fleet, LocalKinesis kinesis, ILogWriter writer, PipelineTopics topics, int point, CancellationToken cancellation)
    {
        var act = _random.Next(10) switch
        {
            < 6 => Act.Kill,
            < 8 => Act.Freeze,
            _ => Act.Scale,
        };
        if (act != Act.Kill)
        {
            fleet.Start(1);
            await fleet.ReadyAsync(1, cancellation);
        }

        var stored = kinesis.Server.StoredRecords(Stream);
        var deltas = Enumerable.Range(1, ChangesAtPoint).SelectMany(change => SentDeltas.Changes(Users, (point * ChangesAtPoint) + change)).ToList();
        _sent.Add(writer, topics, deltas);
        var moment = stored + _random.Next(deltas.Count);
        await Eventually.HoldsAsync(() => kinesis.Server.StoredRecords(Stream) > moment, $"point {point} of seed {seed}: record {moment} is stored", Deadline, cancellation);
        await (act switch
        {
            Act.Kill => RestartAsync(fleet),
            Act.Freeze => FreezeAsync(fleet, cancellation),
            _ => fleet.StopAsync(1, cancellation),
        });
    }

    private static async Task RestartAsync(ServiceFleet fleet)
    {
        await fleet.KillAsync(0);
        fleet.Start(0);
    }

    /// <summary>One of two stands still for longer than its session, and does not know when it goes on.</summary>
    private async Task FreezeAsync(ServiceFleet fleet, CancellationToken cancellation)
    {
        fleet.ProcessOf(0).Freeze();
        await Task.Delay(SessionTimeout + TimeSpan.FromMilliseconds(_random.Next(500, 2_000)), cancellation);
        fleet.ProcessOf(0).Thaw();
        await fleet.ReadyAsync(0, cancellation);
        await fleet.StopAsync(1, cancellation);
    }

    private async Task<int> ReceiveAsync(LocalKinesis kinesis, ServiceFleet fleet, CancellationToken cancellation)
    {
        var receiver = new CohortReceiver(kinesis.Calls, Stream);
        await Eventually.HoldsAsync(
            async token =>
            {
                await receiver.ReceiveAsync(token);
                return receiver.Changes.Count >= _sent.Count ? null : $"seed {seed}: {receiver.Changes.Count} of {_sent.Count} changes are received\n{fleet.ProcessOf(0).Output}";
            },
            Deadline,
            cancellation);
        _sent.AssertReceived(receiver);
        return receiver.Repeats;
    }
}
