using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Tests.Unit.Sinks;

namespace CohortPipeline.Tests.Unit.Kinesis;

/// <summary>Deltas and records of activity as tests of this folder need them.</summary>
internal static class Samples
{
    /// <summary>A request of records that nobody waits for.</summary>
    public static DeliveryRequest Request(params (string Key, byte[] Data)[] records)
    {
        var request = new DeliveryRequest();
        request.Start(1, 0);
        foreach (var (key, data) in records)
        {
            var record = new OutboundRecord();
            record.Fill(new(new("deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new()), Utf8(key), data, happenedAt: 0);
            request.Add(record);
        }

        return request;
    }

    public const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// <summary>2026-03-03T10:00:00.123Z.</summary>
    public const long At = 1_772_532_000_123;

    public static byte[] Delta(
        string user = "ada",
        string cohort = "high-intent",
        MembershipChange change = MembershipChange.Enter,
        int part = 1,
        int parts = 1,
        long version = 1,
        long at = At,
        string? device = null,
        string? properties = null)
    {
        var key = Utf8(user.Length > 0 ? $"u:{user}" : $"d:{device}");
        var id = new byte[DeltaId.Length];
        DeltaId.Write(key, Utf8(cohort), version, at, id);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            DeltaWriter.Write(writer, new()
            {
                Id = id,
                CohortId = Utf8(cohort),
                CohortName = Utf8($"Cohort \"{cohort}\" é"),
                DefinitionVersion = 3,
                UserId = Utf8(user),
                DeviceId = Utf8(device ?? ""),
                AmplitudeId = ProfileKey.AmplitudeId(key),
                Change = change,
                Reason = DeltaReason.Event,
                At = at,
                EnteredAt = at - 86_400_000,
                ExitedAt = change == MembershipChange.Exit ? at : null,
                ComputedAt = at / 1000,
                FirstSeenAt = at - (7 * 86_400_000L),
                Version = version,
                Part = part,
                Parts = parts,
                Properties = Utf8(properties ?? ""),
                SourcePartition = 2,
                SourceOffset = 40,
            });
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static KinesisDestination Destination(string format, string more = "") =>
        (KinesisDestination)DestinationTextTests.One(
            $"id: ads\nsink: kinesis\nformat: {format}\nendpoint: file:out\n{(format == "events" ? "" : more.Contains("cohorts:", StringComparison.Ordinal) ? "" : "cohorts: [\"*\"]\n")}{more}");

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Puts records through a composer and keeps what comes out.</summary>
internal sealed class Composed : IDisposable
{
    private readonly RecordComposer _composer;
    private readonly DeliveryCounts _counts = new();
    private int _keys;
    private long _offset;

    public Composed(KinesisDestination destination)
    {
        Progress = new(new("membership-deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, _counts);
        _composer = Composers.Create(destination, new(() => new(), Records.Add, key => Samples.Utf8($"{_keys++:d32}").CopyTo(key), () => DateTimeOffset.UnixEpoch));
    }

    public List<OutboundRecord> Records { get; } = [];

    public PartitionProgress Progress { get; }

    public SinkCounts Counts => _counts.With(Progress.InFlight);

    public IEnumerable<string> Payloads => Records.Select(record => Encoding.UTF8.GetString(record.Data.Span));

    public Composed Take(string key, byte[] value, long now = 0, params (string, string)[] headers)
    {
        _composer.Take(new TestBatch().Add("membership-deltas", 0, _offset++, key, value, headers), 0, Progress, now);
        return this;
    }

    /// <summary>A row of a start, as the delta that it stands for.</summary>
    public Composed TakeRow(string key, byte[] value)
    {
        ((DeltaComposer)_composer).TakeRow(new TestBatch().Add("memberships", 0, 0, key, value), 0, Progress, 0);
        return this;
    }

    public Composed Tick(long now)
    {
        _composer.Tick(now);
        return this;
    }

    /// <summary>Accepts everything, and answers the dead letters that are left.</summary>
    public int DeadLettersAfterAccepting()
    {
        foreach (var sequence in Records.SelectMany(record => record.Sequences))
            Progress.Accept(sequence);
        return Progress.Deliverable()?.DeadLetters.Count ?? 0;
    }

    public void Dispose() => _composer.Dispose();
}
