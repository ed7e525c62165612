using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>
/// Goal: whatever the stream does, its receiver ends up with the members that were sent, first occurrences in order, nothing
/// lost. Method: thousands of deltas through a Kinesis that fails entries, throttles, stores without answering and stores late, by a seed,
/// while a shard is split and two are merged; then the stream is read as its owner would. <c>DELTAS</c> says how many go through Kafka.
/// </summary>
public sealed class StormyDeliveryTests(SharedKafka kafka) : IDisposable
{
    private const ulong Seed = 20_261_128;
    private const string Stream = "stormy";
    private const int ManyUsers = 10_000;
    private const int DeltasInTests = 50_000;

    /// <summary>Less than what the sink tries: shards throttle on their own account.</summary>
    private static readonly Storm Small = new(
        new() { FailedEntries = 0.2, Unanswered = 0.02, Late = 0.01, FailedCalls = 0.01, LatenessMax = TimeSpan.FromSeconds(1) },
        new(800, 1024 * 1024),
        "records_per_request: 40\n");

    private static readonly Storm Large = new(
        new() { FailedEntries = 0.2, Unanswered = 0.02 },
        Rate: null,
        "shard_records_per_second: 1000000000\nshard_bytes_per_second: 1000000000\n");

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("cohort-stormy-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_receiver_has_what_was_sent_through_faults_a_split_and_a_merge()
    {
        await using var log = EmbeddedLog.Open(_folder, TimeProvider.System);
        await DeliverAsync(log, new("", 2, null), SentDeltas.Of(users: 300, changesOfEach: 20), Small);
    }

    [Fact]
    public async Task A_receiver_has_what_ten_thousand_users_did_though_a_fifth_of_the_entries_fails()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("DELTAS") is { Length: > 0 } given ? given : $"{DeltasInTests}", CultureInfo.InvariantCulture);
        await using var log = await kafka.OpenAsync();
        await DeliverAsync(log, new($"stormy-{Guid.NewGuid():n}", 4, null), SentDeltas.Of(ManyUsers, count / ManyUsers), Large);
    }

    private static async Task DeliverAsync(ILog log, PipelineTopics topics, SentDeltas deltas, Storm storm)
    {
        await using var kinesis = await LocalKinesis.StartAsync(new() { Faults = new RandomFaults(Seed, storm.Shares), Rate = storm.Rate });
        kinesis.Server.CreateStream(Stream, 2);
        foreach (var topic in topics.All)
            await log.Admin.CreateAsync(topic, Cancellation);
        deltas.AppendTo(log, topics);
        OldDestination.Begin(log, topics, "ads");

        await using var sink = new Sink(log, topics, kinesis, storm.Fields);
        await sink.StoredAsync(deltas.Count / 4);
        var shards = await kinesis.Calls.ListShardsAsync(Stream, Cancellation);
        await kinesis.Calls.SplitAsync(Stream, shards[0], Cancellation);
        await sink.StoredAsync(deltas.Count / 2);
        var split = await kinesis.Calls.ListShardsAsync(Stream, Cancellation);
        await kinesis.Calls.MergeAsync(Stream, split[3], split[1], Cancellation);
        await sink.AcceptedAsync(deltas.Count);

        var receiver = new CohortReceiver(kinesis.Calls, Stream);
        await receiver.ReceiveAsync(Cancellation);
        deltas.AssertReceived(receiver);
        Assert.InRange(receiver.Repeats, 1, deltas.Count / 10);
    }

    /// <param name="Shares">How often what goes wrong.</param>
    /// <param name="Rate">Of a shard; null: any.</param>
    /// <param name="Fields">Of the destination.</param>
    private sealed record Storm(FaultShares Shares, ShardRate? Rate, string Fields);

    /// <summary>The sink, on a thread of its own.</summary>
    private sealed class Sink : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        private readonly LocalKinesis _kinesis;
        private readonly KinesisSender _sender;
        private readonly SinkStatus _status;
        private readonly Task _running;

        public Sink(ILog log, PipelineTopics topics, LocalKinesis kinesis, string fields)
        {
            _kinesis = kinesis;
            var destination = SenderFixtures.Destination(Stream, kinesis.Address, $"identifier_field: user_id\n{fields}");
            _sender = new(SenderFixtures.Client(kinesis.Address, kinesis.Credentials), destination, null);
            _status = new(destination.Id, destination.Sink, TimeProvider.System);
            var environment = new SinkEnvironment(log, topics, new(), MemoryMemberSnapshots.Instance, TimeProvider.System, NullLogger.Instance);
            _running = Task.Factory.StartNew(() => Run(environment, destination), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public Task StoredAsync(int count) => HoldsAsync(() => _kinesis.Server.StoredRecords(Stream) >= count);

        public Task AcceptedAsync(int count) => HoldsAsync(() => _status.Report.Counts.Accepted == count);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            await _sender.DisposeAsync();
            _stop.Dispose();
        }

        private Task HoldsAsync(Func<bool> look) => Eventually.HoldsAsync(
            _ => Task.FromResult(_running.IsCompleted || look() ? null : $"{_kinesis.Server.StoredRecords(Stream)} stored; {_status.Report}"), Deadline, Cancellation);

        private void Run(SinkEnvironment environment, KinesisDestination destination)
        {
            using var loop = new DeliveryLoop(environment, destination, _status, DeliveryLife.Of(destination, _sender, TimeProvider.System));
            loop.Run(_stop.Token);
        }
    }
}
