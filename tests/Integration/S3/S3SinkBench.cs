using System.Buffers;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Sinks.S3.Syncing;
using CohortPipeline.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Integration.S3;

/// <summary>A whole S3 sink on an embedded log: rows in, objects out, its boundaries moved by hand.</summary>
internal sealed class S3SinkBench : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DrainDeadline = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("s3-sink-").FullName;
    private readonly SnapshotStore _snapshots;
    private readonly ILog _log;
    private readonly PipelineTopics _topics;
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ILogWriter _hand;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _version;

    /// <summary>On a log of its own, which is embedded if none is given.</summary>
    public S3SinkBench(ILog? log = null)
    {
        _snapshots = new(_folder);
        _log = log ?? EmbeddedLog.Open(_folder, TimeProvider.System);
        _topics = new($"s3-{Guid.NewGuid():N}", partitionCount: 1, activityRetention: null);
        foreach (var topic in _topics.All)
            _log.Admin.CreateAsync(topic, CancellationToken.None).GetAwaiter().GetResult();
        _hand = _log.OpenWriter(_topics.Named("hand"));
        Status = new("warehouse", S3Destination.SinkName, _clock);
    }

    public SinkStatus Status { get; }

    public static DestinationEndpoint EndpointOf(string text) =>
        DestinationEndpoint.TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException($"{text} is no endpoint", nameof(text));

    /// <summary>Daily, of one cohort, columns of two properties.</summary>
    public static S3Destination Destination(string bucket, DestinationEndpoint endpoint) => new()
    {
        Id = "warehouse",
        Bucket = bucket,
        Endpoint = endpoint,
        Region = "us-east-1",
        Cohorts = CohortSelection.Of(["buyers"]),
        Cadence = Cadence.Daily,
        Path = "exports/cohorts",
        RoutingKey = "crm",
        UserProperties = ["plan", "city"],
    };

    public void Define()
    {
        Append(_topics.CohortDefinitions, "buyers", new CohortDefinitionRow("buyers", 1, "{}"u8.ToArray()).Encode());
    }

    public void Row(string user, bool isIn, string properties)
    {
        var at = 1_772_323_200_000 + ++_version;
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, JsonText.WriterOptions))
        {
            MembershipWriter.Write(writer, new()
            {
                In = isIn,
                EnteredAt = at,
                At = at,
                Version = _version,
                ComputedAt = at / 1000,
                FirstSeenAt = at,
                UserId = Encoding.UTF8.GetBytes(user),
                AmplitudeId = ProfileKey.AmplitudeId(Encoding.UTF8.GetBytes($"u:{user}")),
                Properties = Encoding.UTF8.GetBytes(properties),
            });
        }

        Append(_topics.Memberships, $"buyers/u:{user}", bytes.WrittenSpan.ToArray());
    }

    /// <summary>Runs the sink as its host would, until <see cref="StopAsync"/>.</summary>
    public void Start(S3Destination destination, AWSCredentials credentials)
    {
        var parts = new RunnerParts(
            destination, _log, _topics, new ObjectStores(TimeProvider.System, credentials), _snapshots, Status, new(Status, _clock), _clock, () => 1, NullLogger.Instance);
        _running = new DestinationLoop(parts, DrainDeadline).RunAsync(_stop.Token);
    }

    /// <summary>Stops the sink, which must end in good order.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Lets the next boundary pass once the sink is live.</summary>
    public async Task NextDayAsync(CancellationToken cancellation)
    {
        await Eventually.HoldsAsync(() => Status.Report is { State: SinkState.Live, Reason: "" } && HasBegun(), "the sink is not live", Deadline, cancellation);
        _clock.Advance(TimeSpan.FromDays(1));
    }

    /// <summary>Waits for something, while back-off passes.</summary>
    public Task UntilAsync(Func<bool> isSo, string what, CancellationToken cancellation) => Eventually.HoldsAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            return isSo();
        },
        what,
        Deadline,
        cancellation);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _hand.Dispose();
        _snapshots.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The cohort's first boundary is noted in <c>sink-state</c>.</summary>
    private bool HasBegun() => _log.Admin.EndOffsetsAsync(_topics.SinkState.Name, Isolation.Committed, CancellationToken.None).GetAwaiter().GetResult().Sum() > 0;

    private void Append(TopicSpec topic, string key, byte[] value)
    {
        _hand.Append(_hand.Topic(topic.Name), 0, Encoding.UTF8.GetBytes(key), value);
        Assert.Equal(CommitOutcome.Committed, _hand.Commit(null, []));
    }
}
