using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>One destination of one pipeline on a real Kafka: its stream, what is sent to it, and the processes of <c>kinesis-sink</c> that serve it.</summary>
internal sealed class KinesisSinkScene : IAsyncDisposable
{
    public const string Stream = "served";

    private const string Destination = "ads";
    private const int Shards = 2;

    private readonly PipelineTopics _topics;
    private readonly ILogWriter _writer;
    private readonly SentDeltas _sent = new();

    private KinesisSinkScene(ILog log, string servers, PipelineOptions pipeline, LocalKinesis kinesis, IReadOnlyList<string> settings)
    {
        _topics = pipeline.Topics();
        _writer = log.OpenWriter($"{pipeline.Prefix}.test");
        Kinesis = kinesis;
        Fleet = new(ServiceFleet.KinesisSink, servers, pipeline, [$"--Sink:Destination={Destination}", .. settings], kinesis.Environment);
    }

    public LocalKinesis Kinesis { get; }

    /// <summary>None runs at first.</summary>
    public ServiceFleet Fleet { get; }

    public int SentCount => _sent.Count;

    /// <param name="kinesisOptions">What goes wrong at the stream.</param>
    /// <param name="fields">Of the destination, beside those that each has.</param>
    /// <param name="settings">Of the service.</param>
    public static async Task<KinesisSinkScene> CreateAsync(
        ILog log, string servers, KinesisServerOptions kinesisOptions, string fields, IReadOnlyList<string> settings, CancellationToken cancellation)
    {
        var pipeline = new PipelineOptions { Prefix = $"served-{Guid.NewGuid():N}", Partitions = 4 };
        var scene = new KinesisSinkScene(log, servers, pipeline, await LocalKinesis.StartAsync(kinesisOptions), settings);
        scene.Kinesis.Server.CreateStream(Stream, Shards);
        foreach (var topic in scene._topics.All)
            await log.Admin.CreateAsync(topic, cancellation);
        scene.Define($"identifier_field: user_id\n{fields}");
        OldDestination.Begin(log, scene._topics, Destination);
        return scene;
    }

    /// <summary>Starts an instance and waits until it is ready.</summary>
    public async Task StartAsync(int instance, CancellationToken cancellation)
    {
        Fleet.Start(instance);
        await Fleet.ReadyAsync(instance, cancellation);
    }

    public void Send(IReadOnlyList<SampleDelta> deltas) => _sent.Add(_writer, _topics, deltas);

    public Task StoredAsync(long count, TimeSpan deadline, CancellationToken cancellation) =>
        Eventually.HoldsAsync(_ => Task.FromResult(Kinesis.Server.StoredRecords(Stream) >= count ? null : $"{Kinesis.Server.StoredRecords(Stream)} records of {count} are stored"), deadline, cancellation);

    /// <summary>Splits the first shard.</summary>
    public async Task SplitAsync(CancellationToken cancellation) =>
        await Kinesis.Calls.SplitAsync(Stream, (await Kinesis.Calls.ListShardsAsync(Stream, cancellation))[0], cancellation);

    /// <summary>Merges what <see cref="SplitAsync"/> made with its neighbour.</summary>
    public async Task MergeAsync(CancellationToken cancellation)
    {
        var shards = await Kinesis.Calls.ListShardsAsync(Stream, cancellation);
        await Kinesis.Calls.MergeAsync(Stream, shards[3], shards[1], cancellation);
    }

    /// <summary>Reads the stream as its owner does until everything is there, and holds it against what was sent.</summary>
    /// <returns>How many records came again.</returns>
    public async Task<int> ReceiveAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        var receiver = new CohortReceiver(Kinesis.Calls, Stream);
        await Eventually.HoldsAsync(
            async token =>
            {
                await receiver.ReceiveAsync(token);
                return receiver.Changes.Count >= _sent.Count ? null : $"{receiver.Changes.Count} of {_sent.Count} changes are received\n{Fleet.ProcessOf(0).Output}";
            },
            deadline,
            cancellation);
        _sent.AssertReceived(receiver);
        return receiver.Repeats;
    }

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        _writer.Dispose();
        await Kinesis.DisposeAsync();
    }

    private void Define(string fields)
    {
        _writer.Append(_writer.Topic(_topics.Destinations.Name), 0, Encoding.UTF8.GetBytes(Destination), DestinationCodec.Encode(SenderFixtures.Destination(Stream, Kinesis.Address, fields)));
        Assert.Equal(CommitOutcome.Committed, _writer.Commit(null, []));
    }
}
