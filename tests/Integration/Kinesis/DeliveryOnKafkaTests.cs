using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Microsoft.Extensions.Logging;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>The delivery loop on a real group: members come and go, dead letters and positions are one transaction.</summary>
public sealed class DeliveryOnKafkaTests(SharedKafka kafka)
{
    private const int Partitions = 4;
    private const int Users = 50;
    private const int Rounds = 40;
    private const int TooLarge = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Members_hand_partitions_over_without_a_repeat_and_write_each_dead_letter_once()
    {
        await using var log = await kafka.OpenAsync();
        var topics = new PipelineTopics($"sink-{Guid.NewGuid():n}", Partitions, null);
        foreach (var topic in new[] { topics.MembershipDeltas, topics.SinkState, topics.DeadLetters })
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        var reading = DestinationText.Read("id: ads\nsink: kinesis\ncohorts: [\"*\"]\nendpoint: file:unused\nformat: amplitude-cohort\nidentifier_field: user_id\nrecord_bytes: 1024\n");
        var destination = (KinesisDestination)reading.Destinations[0];
        OldDestination.Begin(log, topics, destination.Id);
        await using var sender = new Recorder();
        var first = new Member(log, topics, destination, sender);
        var second = new Member(log, topics, destination, sender);

        Append(log, topics, 0, Rounds / 2);
        first.Start();
        await HasDelivered(sender, Users * Rounds / 2, first);
        second.Start();
        await Eventually.HoldsAsync(() => second.AssignedPartitions == Partitions / 2 || second.Failed, "the second member has not got its half", Deadline, TestContext.Current.CancellationToken);
        Append(log, topics, Rounds / 2, Rounds);
        await HasDelivered(sender, Users * Rounds, first, second);
        await Eventually.HoldsAsync(_ => HasCommitted(log, topics), Deadline, TestContext.Current.CancellationToken);
        await first.StopAsync();
        await second.StopAsync();

        Assert.Equal(Users * Rounds, sender.MessageIds.Distinct().Count());
        Assert.Equal(Users * Rounds, sender.MessageIds.Count);
        foreach (var user in sender.Changes.GroupBy(change => change.User))
            Assert.Equal(user.Select(change => change.ComputedTime).Order(), user.Select(change => change.ComputedTime));

        var letters = new List<string>();
        await TopicFollower.ReadToEndAsync(log, "test", [topics.DeadLetters.Name], (in record) => letters.Add(Encoding.UTF8.GetString(record.Key)), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, TooLarge).Select(number => $"u:large{number}"), letters.Order(StringComparer.Ordinal));
        Assert.Null(await HasCommitted(log, topics));
    }

    /// <summary>A destination that is not new sends what may have changed, and not only the members there are: who left is told so.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Positions_that_expired_and_deltas_that_are_gone_lead_to_a_resync(bool groupExpires)
    {
        await using var log = await kafka.OpenAsync();
        var topics = new PipelineTopics($"sink-{Guid.NewGuid():n}", Partitions, null);
        foreach (var topic in new[] { topics.CohortDefinitions, topics.MembershipDeltas, topics.Memberships, topics.SinkState, topics.DeadLetters })
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        var destination = (KinesisDestination)DestinationText.Read("id: ads\nsink: kinesis\ncohorts: [all]\nendpoint: file:unused\nformat: amplitude-cohort\nidentifier_field: user_id\n").Destinations[0];
        await using var sender = new Recorder();

        Change(log, topics, version: 1, "ada");
        var first = new Member(log, topics, destination, sender);
        first.Start();
        await HasDelivered(sender, 1, first);
        await Eventually.HoldsAsync(_ => HasCommitted(log, topics), Deadline, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => first.Status.Report.State == SinkState.Live, "the start does not end", Deadline, TestContext.Current.CancellationToken);
        await first.StopAsync();

        Change(log, topics, version: 2, "ada");
        using (var admin = new Confluent.Kafka.AdminClientBuilder(new Confluent.Kafka.AdminClientConfig { BootstrapServers = await kafka.ServersAsync() }).Build())
        {
            if (groupExpires)
                await admin.DeleteGroupsAsync([new PipelineGroups(topics).Sink("ads")]);
            else
                await admin.DeleteRecordsAsync(Enumerable.Range(0, Partitions).Select(partition => new Confluent.Kafka.TopicPartitionOffset(topics.MembershipDeltas.Name, partition, Confluent.Kafka.Offset.End)));
        }

        sender.Holds = true;
        var second = new Member(log, topics, destination, sender);
        second.Start();
        await Eventually.HoldsAsync(() => second.Status.Report.State == SinkState.Resync || second.Failed, "it is no resync", Deadline, TestContext.Current.CancellationToken);
        sender.Holds = false;
        await Eventually.HoldsAsync(() => second.Status.Report.State == SinkState.Live || second.Failed, "the resync does not end", Deadline, TestContext.Current.CancellationToken);
        await second.StopAsync();
        Assert.EndsWith("::enter::0", sender.MessageIds.First(), StringComparison.Ordinal);
        Assert.EndsWith("::exit::0", sender.MessageIds.Last(), StringComparison.Ordinal);
    }

    /// <summary>What was accepted is not sent again, whoever sends the rest: the numbers of the changes are committed, as offsets are.</summary>
    [Fact]
    public async Task Members_tell_an_hour_s_changes_once_though_one_leaves_in_the_middle()
    {
        await using var log = await kafka.OpenAsync();
        var topics = new PipelineTopics($"sink-{Guid.NewGuid():n}", Partitions, null);
        foreach (var topic in new[] { topics.CohortDefinitions, topics.MembershipDeltas, topics.Memberships, topics.SinkState, topics.DeadLetters })
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        var destination = (KinesisDestination)DestinationText.Read("id: ads\nsink: kinesis\ncadence: hourly\ncohorts: [all]\nendpoint: file:unused\nformat: amplitude-cohort\nidentifier_field: user_id\nrecords_per_request: 5\n").Destinations[0];
        var users = Enumerable.Range(0, Users * 6).Select(number => $"user{number}").ToArray();
        var clock = new SteeredClock(DateTimeOffset.Parse("2026-03-01T09:59:59Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());
        await using var sender = new Recorder();
        var first = new Member(log, topics, destination, sender, clock);
        var second = new Member(log, topics, destination, sender, clock);
        first.Start();
        second.Start();
        Member[] members = [first, second];
        await Eventually.HoldsAsync(() => members.All(member => member.Failed || member.Status.Report.Reason == "the boundary 2026-03-01T10:00Z"), "they do not wait for the boundary", Deadline, TestContext.Current.CancellationToken);

        Change(log, topics, version: 1, users);
        Change(log, topics, version: 2, users[..Users]);
        clock.Now += 1_000;
        await Eventually.HoldsAsync(() => sender.MessageIds.Count >= Users || members.Any(member => member.Failed), "nothing is told", Deadline, TestContext.Current.CancellationToken);
        await first.StopAsync();
        await HasTold(log, topics, second, next: "2026-03-01T11:00Z");
        Assert.Equal(users[Users..].Order(StringComparer.Ordinal), sender.Changes.Select(change => change.User).Order(StringComparer.Ordinal));

        Change(log, topics, version: 3, users[..Users]);
        Change(log, topics, version: 2, users[^1]);
        clock.Now += 3_600_000;
        await HasTold(log, topics, second, next: "2026-03-01T12:00Z");
        await second.StopAsync();
        Assert.Equal(users[..Users].Append(users[^1]).Order(StringComparer.Ordinal), sender.Changes.Skip(Users * 5).Select(change => change.User).Order(StringComparer.Ordinal));
        Assert.Null(await HasCommitted(log, topics));
    }

    /// <summary>Users enter with odd versions and leave with even ones: their deltas and their rows.</summary>
    private static void Change(KafkaLog log, PipelineTopics topics, int version, params string[] users)
    {
        using var writer = log.OpenWriter($"{topics.Prefix}.test");
        foreach (var user in users)
            Change(writer, topics, version, user);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private static void Change(ILogWriter writer, PipelineTopics topics, int version, string user)
    {
        var isIn = version % 2 == 1;
        new SampleDelta(user, version, Change: isIn ? MembershipChange.Enter : MembershipChange.Exit).AppendTo(writer, writer.Topic(topics.MembershipDeltas.Name));
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer, JsonText.WriterOptions))
            MembershipWriter.Write(json, new() { In = isIn, ExitedAt = isIn ? null : version, At = version, ComputedAt = 1_700_000_000 + version, Version = version, UserId = Encoding.UTF8.GetBytes(user) });
        var rows = writer.Topic(topics.Memberships.Name);
        writer.Append(rows, rows.PartitionOf("all"u8), Encoding.UTF8.GetBytes($"all/u:{user}"), buffer.WrittenSpan);
    }

    /// <summary>Null once the positions are at the end of the deltas, behind the last marker.</summary>
    private static async Task<string?> HasCommitted(KafkaLog log, PipelineTopics topics)
    {
        var ends = await log.Admin.EndOffsetsAsync(topics.MembershipDeltas.Name, Isolation.Committed, TestContext.Current.CancellationToken);
        var committed = (await log.Admin.CommittedAsync(new PipelineGroups(topics).Sink("ads"), topics.MembershipDeltas.Name, TestContext.Current.CancellationToken)).Select(position => position.Offset).ToArray();
        return ends.SequenceEqual(committed) ? null : $"[{string.Join(", ", committed)}] are committed of [{string.Join(", ", ends)}]";
    }

    /// <summary>All partitions are told, and the member that has them waits for the next boundary.</summary>
    private static Task HasTold(KafkaLog log, PipelineTopics topics, Member member, string next) => Eventually.HoldsAsync(
        async _ => member.Failed || member.Status.Report.Reason == $"the boundary {next}" ? await HasCommitted(log, topics) : $"{member.Status.Report}",
        Deadline,
        TestContext.Current.CancellationToken);

    private static Task HasDelivered(Recorder sender, int count, params Member[] members) => Eventually.HoldsAsync(
        _ => Task.FromResult(members.Any(member => member.Failed) || (sender.MessageIds.Count >= count && members.All(member => member.Status.Report.Counts.InFlight == 0))
            ? null
            : $"{sender.MessageIds.Count} of {count}: {string.Join("; ", members.Select(member => member.Status.Report))}"),
        Deadline,
        TestContext.Current.CancellationToken);

    private static void Append(KafkaLog log, PipelineTopics topics, int from, int to)
    {
        using var writer = log.OpenWriter($"{topics.Prefix}.test");
        var topic = writer.Topic(topics.MembershipDeltas.Name);
        for (var round = from; round < to; round++)
        {
            for (var user = 0; user < Users; user++)
                new SampleDelta($"user{user}", round + 1).AppendTo(writer, topic);
        }

        for (var number = 0; number < TooLarge && from == 0; number++)
            new SampleDelta($"large{number}", 1, Properties: $$"""{"note":"{{new string('x', 2_000)}}"}""").AppendTo(writer, topic);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private sealed class Member(ILog log, PipelineTopics topics, KinesisDestination destination, IRecordSender sender, TimeProvider? clock = null)
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly AssignmentCount _logger = new();
        private readonly TimeProvider _clock = clock ?? TimeProvider.System;
        private Task _running = Task.CompletedTask;

        public SinkStatus Status { get; } = new(destination.Id, destination.Sink, TimeProvider.System);

        public bool Failed => _running.IsFaulted;

        /// <summary>How many it was given so far.</summary>
        public int AssignedPartitions => _logger.Assigned;

        public void Start() => _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }

        private void Run()
        {
            using var loop = new DeliveryLoop(new(log, topics, new() { StallMax = TimeSpan.FromMinutes(1) }, MemoryMemberSnapshots.Instance, _clock, _logger), destination, Status, DeliveryLife.Of(destination, sender, _clock));
            loop.Run(_stop.Token);
        }
    }

    /// <summary>Counts what the log says was assigned: a member is live before it has anything.</summary>
    private sealed class AssignmentCount : ILogger
    {
        private const string AssignedEvent = "Assigned";

        private int _assigned;

        public int Assigned => Volatile.Read(ref _assigned);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == AssignedEvent)
                Interlocked.Increment(ref _assigned);
        }
    }

    /// <summary>A destination that takes a moment and rejects a tenth of what it gets, once.</summary>
    private sealed class Recorder : IRecordSender
    {
        private readonly ConcurrentDictionary<string, bool> _rejected = new();
        private volatile bool _holds;

        public bool Holds
        {
            get => _holds;
            set => _holds = value;
        }

        public ConcurrentQueue<string> MessageIds { get; } = new();

        public ConcurrentQueue<(string User, string ComputedTime)> Changes { get; } = new();

        public async Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation)
        {
            do
                await Task.Delay(2, cancellation);
            while (Holds);
            return DeliveryResponse.Answered([.. request.Records.Select(record => new EntryResult(Accept(record), null))]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private string? Accept(OutboundRecord record)
        {
            var payload = JsonNode.Parse(record.Data.Span)!;
            var id = (string)payload["message_id"]!;
            if (id[0] is 'a' or 'B' or '7' or 'x' or 'P' or '_' && _rejected.TryAdd(id, true))
                return "ProvisionedThroughputExceededException";
            MessageIds.Enqueue(id);
            Changes.Enqueue((record.PartitionKey, (string)payload["computed_time"]!));
            return null;
        }
    }
}
