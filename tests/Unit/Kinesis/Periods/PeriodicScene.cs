using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis.Periods;

/// <summary>A log with rows of <c>memberships</c>, a destination that is told at boundaries, and a wall clock that a test sets.</summary>
internal sealed class PeriodicScene : IAsyncDisposable
{
    private const int Partitions = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("cohort-periods-").FullName;
    private readonly PipelineTopics _topics = new("test", Partitions, null);
    private readonly SteeredClock _clock;
    private readonly EmbeddedLog _log;
    private readonly Recorder _sent = new();
    private readonly Dictionary<string, long> _versions = [];
    private long _at;

    private PeriodicScene(string now)
    {
        _clock = new(Instant(now));
        _log = EmbeddedLog.Open(Path.Combine(_folder, "log"), _clock);
    }

    /// <summary>What the stream has got, each time as <c>enter user cohort</c>; several in one record are joined by <c>, </c>.</summary>
    public IReadOnlyList<string> Told => [.. _sent.Records.Select(Text)];

    public IReadOnlyList<string> Records => [.. _sent.Records];

    public SinkReport Report { get; private set; } = null!;

    public static async Task<PeriodicScene> At(string now)
    {
        var scene = new PeriodicScene(now);
        foreach (var topic in scene._topics.All)
            await scene._log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        return scene;
    }

    /// <summary>It is later now.</summary>
    public void Set(string now) => _clock.Now = Instant(now);

    /// <summary>A user is in a cohort from here on, or is not.</summary>
    public void Change(string cohort, string user, bool isIn, string properties = "")
    {
        var version = _versions[user] = _versions.GetValueOrDefault(user) + 1;
        var at = Math.Max(_clock.Now, _at + 1_000);
        _at = at;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            MembershipWriter.Write(json, new()
            {
                In = isIn,
                EnteredAt = at,
                ExitedAt = isIn ? null : at,
                At = at,
                ComputedAt = at / 1_000,
                Version = version,
                UserId = Encoding.UTF8.GetBytes(user),
                Properties = Encoding.UTF8.GetBytes(properties),
            });
        }

        Append(cohort, user, Bytes.From(buffer.WrittenSpan));
    }

    /// <summary>A user is forgotten.</summary>
    public void Forget(string cohort, string user) => Append(cohort, user, Bytes.Null);

    /// <summary>A row that is none.</summary>
    public void Garble(string cohort, string user) => Append(cohort, user, Bytes.From("nonsense"u8));

    /// <summary>The stream takes its time: nothing is answered while this is so.</summary>
    public bool Holds
    {
        get => _sent.Holds;
        set => _sent.Holds = value;
    }

    /// <summary>Keys of the dead letters.</summary>
    public async Task<List<string>> DeadLetters()
    {
        var keys = new List<string>();
        await TopicFollower.ReadToEndAsync(_log, "test", [_topics.DeadLetters.Name], (in letter) => keys.Add(Encoding.UTF8.GetString(letter.Key)), TestContext.Current.CancellationToken);
        return keys;
    }

    /// <summary>Serves a destination until something is so, then stops it in good order.</summary>
    public async Task Serve(string definition, Func<SinkReport, bool> isSo)
    {
        var destination = (KinesisDestination)Assert.Single(DestinationText.Read($"id: ads\nsink: kinesis\nendpoint: file:unused\n{definition}\n").Destinations);
        var status = new SinkStatus(destination.Id, destination.Sink, _clock);
        using var snapshots = new SnapshotStore(_folder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var environment = new SinkEnvironment(_log, _topics, new(), snapshots, _clock, NullLogger.Instance);
        var running = Task.Factory.StartNew(
            () =>
            {
                using var loop = new DeliveryLoop(environment, destination, status, new(new RequestsInFlight(destination, _sent, _clock), 1, PartitionKeys.WriteRandom));
                loop.Run(stop.Token);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            await Eventually.HoldsAsync(() => running.IsFaulted || isSo(status.Report), $"not so: {status.Report}", Deadline, TestContext.Current.CancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
            Report = status.Report;
        }
    }

    /// <summary>Serves it until all is told up to a boundary: it waits for the next one.</summary>
    public Task ServeUntil(string definition, string nextBoundary) =>
        Serve(definition, report => report is { State: SinkState.Live, Counts.InFlight: 0 } && report.Reason == $"the boundary {nextBoundary}");

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Append(string cohort, string user, Bytes value)
    {
        using var writer = _log.OpenWriter("test");
        var rows = writer.Topic(_topics.Memberships.Name);
        writer.Append(rows, rows.PartitionOf(Encoding.UTF8.GetBytes(cohort)), Bytes.From(Encoding.UTF8.GetBytes($"{cohort}/u:{user}")), value);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private static string Text(string data)
    {
        var record = JsonNode.Parse(data)!;
        return record["data"] is { } lytics
            ? string.Join(", ", lytics["segment_events"]!.AsArray().Select(change => $"{change!["event"]} {lytics["user_id"]} {change["slug"]}"))
            : string.Join(", ", record["users"]!.AsArray().Select(user => $"{((bool)record["in_cohort"]! ? "enter" : "exit")} {user!["user_id"]} {record["cohort_id"]}"));
    }

    private static long Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private sealed class Recorder : IRecordSender
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Records { get; } = new();

        private volatile bool _holds;

        public bool Holds
        {
            get => _holds;
            set => _holds = value;
        }

        public async Task<DeliveryResponse> SendAsync(DeliveryRequest request, CancellationToken cancellation)
        {
            while (_holds)
                await Task.Delay(2, cancellation);
            foreach (var record in request.Records)
                Records.Enqueue(Encoding.UTF8.GetString(record.Data.Span));
            return DeliveryResponse.Answered(new EntryResult[request.Records.Count]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
