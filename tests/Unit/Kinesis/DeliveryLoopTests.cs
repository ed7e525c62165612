using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.Tests.Unit.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

[Collection(ListeningTests.Name)]
public sealed partial class DeliveryLoopTests : IAsyncLifetime
{
    private const int Partitions = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"cohort-delivery-{Guid.NewGuid():n}");
    private readonly PipelineTopics _topics = new("test", Partitions, null);
    private readonly SinkOptions _options = new();
    private readonly SinkStatus _status = new("ads", "kinesis", TimeProvider.System);
    private EmbeddedLog _log = null!;
    private long _version;
    private bool _hasPositions;

    private string Group => new PipelineGroups(_topics).Sink("ads");

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        foreach (var topic in _topics.All)
            await _log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Delivers_in_order_of_each_user_commits_and_repeats_nothing_after_a_clean_stop()
    {
        Append(200);
        var destination = Destination("amplitude-cohort", "identifier_field: user_id");
        await using var sender = new FileSender(Path.Combine(_folder, "out"), "ads");
        await RunUntil(destination, sender, async () => await Lag() == 0);
        Append(100);
        await RunUntil(destination, sender, async () => await Lag() == 0);

        var lines = (await File.ReadAllLinesAsync(Path.Combine(_folder, "out", "ads.jsonl"), TestContext.Current.CancellationToken)).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(300, lines.Count);
        Assert.Equal(300, lines.Select(line => (string)line["data"]!["message_id"]!).Distinct().Count());
        Assert.All(lines, line => Assert.Equal((string?)line["data"]!["users"]![0]!["user_id"], (string?)line["partition_key"]));
        foreach (var user in lines.GroupBy(line => (string)line["partition_key"]!))
        {
            var times = user.Select(line => long.Parse((string)line["data"]!["computed_time"]!, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(times.Order(), times);
        }
    }

    [Fact]
    public async Task A_refused_destination_is_parked_with_its_reason_and_goes_on_by_itself()
    {
        Append(10);
        var reason = "";
        await using var sender = new Scripted { Refuses = true };
        await RunUntil(Destination("amplitude-cohort"), sender, async () =>
        {
            if (!sender.Refuses)
                return await Lag() == 0;
            if (_status.Report is { State: SinkState.Parked } report)
            {
                reason = report.Reason;
                sender.Refuses = false;
            }

            return false;
        });
        Assert.Equal("ResourceNotFoundException: no such stream", reason);
        Assert.Equal(SinkState.Live, _status.Report.State);
        Assert.Equal(new SinkCounts(10, 10, 0, 0, 0), _status.Report.Counts);
    }

    [Fact]
    public async Task Dead_letters_are_written_once_with_the_position_that_passes_them()
    {
        Append(3);
        Append("u:eve", Delta("eve", properties: $$"""{"note":"{{new string('x', 2_000)}}"}"""));
        Append(3);
        await using var sender = new Scripted();
        var destination = Destination("amplitude-cohort", "record_bytes: 1024\nidentifier_field: user_id");
        await RunUntil(destination, sender, async () => await Lag() == 0);
        await RunUntil(destination, sender, () => Task.FromResult(_status.Report.State == SinkState.Live));

        var letters = new List<string>();
        await TopicFollower.ReadToEndAsync(_log, "test", [_topics.DeadLetters.Name], (in record) => letters.Add(Encoding.UTF8.GetString(record.Key)), TestContext.Current.CancellationToken);
        Assert.Equal(["u:eve"], letters);
        Assert.Equal(6, sender.Delivered.Count);
    }

    [Fact]
    public async Task Pauses_before_the_byte_budget_and_loses_nothing()
    {
        _options.BudgetBytes = 200_000;
        for (var i = 0; i < 1_000; i++)
            Append($"u:user{i}", Delta($"user{i}", properties: $$"""{"note":"{{new string('x', 2_000)}}"}"""));
        await using var sender = new Scripted { IsBlocked = true };
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id\nrecords_per_request: 5"), sender, async () =>
        {
            if (sender.IsBlocked && _status.Report.Counts.InFlight > 50)
            {
                Assert.InRange(_status.Report.Counts.InFlight, 51, 100);
                sender.IsBlocked = false;
            }

            return await Lag() == 0;
        });
        Assert.Equal(1_000, sender.Delivered.Distinct().Count());
        Assert.Equal(new SinkCounts(1_000, 1_000, 0, 0, 0), _status.Report.Counts);
    }

    [Fact]
    public async Task Two_members_share_the_partitions_and_hand_them_over_without_a_repeat()
    {
        Append(100);
        var destination = Destination("amplitude-cohort", "identifier_field: user_id");
        await using var sender = new Scripted();
        using var stopSecond = new CancellationTokenSource();
        var second = Task.CompletedTask;
        await RunUntil(destination, sender, async () =>
        {
            if (second == Task.CompletedTask && sender.Delivered.Count >= 100)
            {
                second = Start(destination, sender, stopSecond.Token);
                Append(400);
            }

            return sender.Delivered.Count >= 500 && await Lag() == 0;
        });
        await stopSecond.CancelAsync();
        await second;
        Assert.Equal(500, sender.Delivered.Count);
        Assert.Equal(500, sender.Delivered.Distinct().Count());
    }

    [Fact]
    public async Task A_call_is_a_span_in_the_traces_of_what_it_carries()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "CohortPipeline.Sinks.Kinesis",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        Append("u:traced", Delta("traced"), new RecordHeaders().Add("traceparent", TraceParent));
        Append("u:other", Delta("other"));
        await using var sender = new Scripted();
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () => await Lag() == 0);

        var span = Assert.Single(spans, span => span.TraceId.ToHexString() == TraceParent.Split('-')[1]);
        Assert.Equal("Kinesis.PutRecords", span.DisplayName);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(TraceParent.Split('-')[2], Assert.Single(span.Links).Context.SpanId.ToHexString());
    }

    private void Append(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var user = $"user{i % 17}";
            Append($"u:{user}", Delta(user, version: ++_version, at: At + (_version * 1_000), change: _version % 2 == 0 ? MembershipChange.Exit : MembershipChange.Enter));
        }
    }

    private void Append(string key, byte[] value, RecordHeaders? headers = null)
    {
        using var writer = _log.OpenWriter("test");
        var topic = writer.Topic(_topics.MembershipDeltas.Name);
        var keyBytes = Utf8(key);
        writer.Append(topic, topic.PartitionOf(keyBytes), keyBytes, value, headers);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private async Task<long> Lag()
    {
        var ends = await _log.Admin.EndOffsetsAsync(_topics.MembershipDeltas.Name, Isolation.Committed, TestContext.Current.CancellationToken);
        var committed = await _log.Admin.CommittedAsync(Group, _topics.MembershipDeltas.Name, TestContext.Current.CancellationToken);
        return ends.Sum() - committed.Sum(position => Math.Max(0, position.Offset));
    }

    private async Task RunUntil(KinesisDestination destination, IRecordSender sender, Func<Task<bool>> holds)
    {
        if (!_hasPositions && destination.Start == StartAt.Snapshot)
            OldDestination.Begin(_log, _topics, destination.Id);
        _hasPositions = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Start(destination, sender, stop.Token);
        try
        {
            await Eventually.HoldsAsync(
                async _ => running.IsFaulted || await holds() ? null : $"lag {await Lag()}, {_status.Report}",
                Deadline,
                TestContext.Current.CancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    private Task Start(KinesisDestination destination, IRecordSender sender, CancellationToken stop)
    {
        var environment = new SinkEnvironment(_log, _topics, _options, MemoryMemberSnapshots.Instance, TimeProvider.System, NullLogger.Instance);
        return Task.Factory.StartNew(
            () =>
            {
                using var loop = new DeliveryLoop(environment, destination, _status, DeliveryLife.Of(destination, sender, TimeProvider.System));
                loop.Run(stop);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    /// <summary>A destination that does what a test tells it.</summary>
    private sealed class Scripted : IRecordSender
    {
        private volatile bool _isBlocked;
        private volatile bool _refuses;

        public bool IsBlocked
        {
            get => _isBlocked;
            set => _isBlocked = value;
        }

        public bool Refuses
        {
            get => _refuses;
            set => _refuses = value;
        }

        public ConcurrentQueue<string> Delivered { get; } = new();

        public async Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation)
        {
            while (_isBlocked)
                await Task.Delay(5, cancellation);
            if (_refuses)
                return DeliveryResponse.Failed(FailureKind.Refused, "ResourceNotFoundException", "no such stream");
            foreach (var record in request.Records)
                Delivered.Enqueue((string)JsonNode.Parse(record.Data.Span)!["message_id"]!);
            return DeliveryResponse.Answered(new EntryResult[request.Records.Count]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
