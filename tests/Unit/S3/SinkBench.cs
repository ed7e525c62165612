using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Sinks.S3.Syncing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>An embedded log with the topics of a pipeline, a hand that writes its rows, and a sink that is turned by hand.</summary>
internal sealed class SinkBench : IAsyncDisposable
{
    private const int TurnsMax = 100_000;
    private const int QuietTurns = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("s3-sink-").FullName;
    private readonly SnapshotStore _snapshots;
    private readonly ILogWriter _hand;
    private long _version;

    public SinkBench(FakeObjectStore store)
        : this() => Store = store;

    public SinkBench(string start = "2026-03-01T00:00:00Z", int partitions = 1)
    {
        Clock = new(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture));
        Log = EmbeddedLog.Open(_folder, Clock);
        _snapshots = new(_folder);
        Topics = new("test", partitions, activityRetention: null);
        foreach (var topic in Topics.All)
            Log.Admin.CreateAsync(topic, CancellationToken.None).GetAwaiter().GetResult();
        _hand = Log.OpenWriter("test.hand");
    }

    public FakeTimeProvider Clock { get; }

    public EmbeddedLog Log { get; }

    public PipelineTopics Topics { get; }

    public FakeObjectStore Store { get; } = new();

    public DestinationRunner? Runner { get; private set; }

    public RowTally Tally => field ??= new(Status, Clock);

    public SinkStatus Status => field ??= new("warehouse", "s3", Clock);

    public static S3Destination Destination(params string[] cohorts) => new()
    {
        Id = "warehouse",
        Bucket = "cohort-exports",
        Region = "eu-central-1",
        Cohorts = cohorts.Length == 0 ? CohortSelection.All : CohortSelection.Of(cohorts),
        Cadence = Cadence.Hourly,
    };

    public void Define(params string[] cohorts)
    {
        foreach (var cohort in cohorts)
            Append(Topics.CohortDefinitions, 0, cohort, new CohortDefinitionRow(cohort, 1, "{}"u8.ToArray()).Encode());
        Commit();
    }

    public void Delete(string cohort)
    {
        Append(Topics.CohortDefinitions, 0, cohort, new CohortDefinitionRow(cohort, 2, null).Encode());
        Commit();
    }

    /// <summary>A user's row; properties are JSON.</summary>
    public void Row(string cohort, string user, bool isIn, string properties = "", RecordHeaders? headers = null)
    {
        Append(Topics.Memberships, PartitionOf(cohort), $"{cohort}/u:{user}", Encode(user, isIn, properties, ++_version), headers);
        Commit();
    }

    /// <summary>Rows of members, in one commit.</summary>
    public void Members(string cohort, IEnumerable<(string User, string Properties)> members)
    {
        foreach (var (user, properties) in members)
            Append(Topics.Memberships, PartitionOf(cohort), $"{cohort}/u:{user}", Encode(user, isIn: true, properties, ++_version));
        Commit();
    }

    public void Forget(string cohort, string user)
    {
        Append(Topics.Memberships, PartitionOf(cohort), $"{cohort}/u:{user}", null);
        Commit();
    }

    /// <summary>Writes what <c>sink-state</c> says of a cohort.</summary>
    public void WriteState(string cohort, CohortSyncState state)
    {
        Append(Topics.SinkState, 0, $"warehouse/{cohort}", SyncStateCodec.Encode(state));
        Commit();
    }

    /// <summary>What <c>sink-state</c> says of a cohort.</summary>
    public async Task<CohortSyncState?> ReadStateAsync(string cohort, CancellationToken cancellation)
    {
        CohortSyncState? state = null;
        await TopicFollower.ReadToEndAsync(
            Log,
            "test.reader",
            [Topics.SinkState.Name],
            (in LogRecord record) => state = Encoding.UTF8.GetString(record.Key) == $"warehouse/{cohort}" ? SyncStateCodec.Decode(record.Value) : state,
            cancellation);
        return state;
    }

    public static byte[] Encode(string user, bool isIn, string properties, long version)
    {
        var at = 1_772_323_200_000 + version;
        var key = Encoding.UTF8.GetBytes($"u:{user}");
        var row = new MembershipRow
        {
            In = isIn,
            EnteredAt = at,
            ExitedAt = isIn ? null : at,
            At = at,
            Version = version,
            ComputedAt = at / 1000,
            FirstSeenAt = at,
            UserId = Encoding.UTF8.GetBytes(user),
            AmplitudeId = ProfileKey.AmplitudeId(key),
            Properties = Encoding.UTF8.GetBytes(properties),
        };
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, JsonText.WriterOptions))
            MembershipWriter.Write(writer, row);
        return bytes.WrittenSpan.ToArray();
    }

    public void Start(S3Destination destination, ILog? log = null, int partBytesMax = PublishingLimits.PartBytesMax)
    {
        var parts = new RunnerParts(destination, log ?? Log, Topics, Store, _snapshots, Status, Tally, Clock, Jitter: () => 1, NullLogger.Instance, partBytesMax);
        Runner = new(parts, CancellationToken.None);
        Runner.Join();
    }

    /// <summary>Turns until there is nothing more to do at this instant.</summary>
    public void Settle()
    {
        var quiet = 0;
        for (var turn = 0; quiet < QuietTurns; turn++)
        {
            Assert.True(turn < TurnsMax, "the sink does not come to rest");
            Turn();
            quiet = Runner!.IsPublishing ? 0 : quiet + 1;
            if (Runner.IsPublishing)
                Thread.Yield();
        }
    }

    /// <summary>Turns until something is so, while uploads are under way.</summary>
    public void TurnUntil(Func<bool> isSo)
    {
        for (var turn = 0; !isSo(); turn++)
        {
            Assert.True(turn < TurnsMax, "what was waited for did not happen");
            Turn();
            Thread.Yield();
        }
    }

    /// <summary>What was received is accounted for behind every turn.</summary>
    private void Turn()
    {
        Runner!.Turn(TimeSpan.Zero);
        var counts = Status.Report.Counts;
        Assert.Equal(counts.Received, counts.Accepted + counts.DeadLettered + counts.Filtered + counts.InFlight);
    }

    public void AdvanceTo(string instant)
    {
        Clock.SetUtcNow(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));
        Settle();
    }

    /// <summary>The process dies: nothing is committed, nothing is left in order.</summary>
    public void Kill()
    {
        Runner?.Dispose();
        Runner = null;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        _hand.Dispose();
        _snapshots.Dispose();
        await Log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private int PartitionOf(string cohort) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(cohort), Topics.Memberships.PartitionCount);

    private void Append(TopicSpec topic, int partition, string key, byte[]? value, RecordHeaders? headers = null) =>
        _hand.Append(_hand.Topic(topic.Name), partition, Encoding.UTF8.GetBytes(key), value, headers);

    private void Commit() => Assert.Equal(CommitOutcome.Committed, _hand.Commit(null, []));
}
