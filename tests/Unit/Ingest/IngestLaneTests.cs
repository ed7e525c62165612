using System.Diagnostics;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Tests.Unit.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>Ingest in its lane, on an embedded log in a folder of its own.</summary>
[Collection(ListeningTests.Name)]
public sealed class IngestLaneTests : IAsyncLifetime
{
    private static readonly PipelineTopics Topics = new("", 4, null);

    private readonly string _folder = Directory.CreateTempSubdirectory("ingest-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private EmbeddedLog _log = null!;
    private Thread? _thread;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        foreach (var topic in (TopicSpec[])[Topics.Activity, Topics.DeadLetters, new("events", 2, TopicCleanup.Delete), new("traced", 1, TopicCleanup.Delete)])
            await _log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _thread?.Join();
        _stop.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Records_go_to_the_partition_of_their_profile_and_keep_their_order()
    {
        Publish(0, [.. Enumerable.Range(0, 100).Select(number => $$"""{"event":"e{{number}}","user_id":"u{{number % 7}}"}""")]);
        StartLane();
        var activity = ReadUntil(Topics.Activity, records => records.Count(record => record.Key is not null) == 100);
        foreach (var user in activity.Where(record => record.Key is not null).GroupBy(record => record.Key!))
        {
            Assert.All(user, record => Assert.Equal(Partitioner.PartitionOf(Encoding.UTF8.GetBytes(user.Key), 4), record.Partition));
            var offsets = user.Select(record => SourceOffset(record.Value)).ToArray();
            Assert.Equal(offsets.Order(), offsets);
        }
    }

    [Fact]
    public void A_watermark_follows_in_every_partition_behind_all_that_it_covers()
    {
        Publish(0, ["""{"event":"e","user_id":"ada"}"""]);
        StartLane();
        var activity = ReadUntil(Topics.Activity, records => records.Where(CoversAll).Select(record => record.Partition).Distinct().Count() == 4);
        var ofAda = activity.Where(record => record.Partition == Partitioner.PartitionOf("u:ada"u8, 4)).ToList();
        Assert.Equal("u:ada", ofAda[0].Key);
        Assert.All(activity.Where(IsWatermark), record => Assert.Null(record.Key));

        static bool CoversAll(LogEntry record) =>
            System.Text.RegularExpressions.Regex.IsMatch(record.Value, "^\\{\"type\":\"watermark\",\"topic\":\"events\",\"partitions\":2,\"read\":\\{\"0\":\\d+,\"1\":\\d+\\}\\}$");

        static bool IsWatermark(LogEntry record) => record.Value.StartsWith("{\"type\":\"watermark\"", StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_record_goes_to_dead_letters_as_it_came_with_what_is_wrong()
    {
        Publish(1, ["nonsense"], key: "k", new RecordHeaders().Add("mine", "kept").Add("dlq.reason", "of an earlier life"));
        StartLane();
        var letter = ReadUntil(Topics.DeadLetters, records => records.Count == 1)[0];
        Assert.Equal("k", letter.Key);
        Assert.Equal("nonsense", letter.Value);
        Assert.Equal(
            ["mine=kept", "dlq.reason=not_json", "dlq.topic=events", "dlq.partition=1", "dlq.offset=0", "dlq.service=event-ingest"],
            letter.Headers.Where(header => header.Name is not ("dlq.at" or "dlq.detail")).Select(header => $"{header.Name}={header.Value}"));
        Assert.Contains(letter.Headers, header => header.Name == "dlq.at");
        Assert.Contains(letter.Headers, header => header.Name == "dlq.detail" && header.Value!.Length > 0);
    }

    [Fact]
    public void A_bad_entry_of_a_batch_is_a_dead_letter_alone()
    {
        Publish(0, ["""{"events":[{"event_type":"a","user_id":"ada"},{"event_type":"b"}]}"""]);
        StartLane();
        var letter = ReadUntil(Topics.DeadLetters, records => records.Count == 1)[0];
        Assert.Equal("""{"event_type":"b"}""", letter.Value);
        Assert.Contains(("dlq.entry", "1"), letter.Headers);
        Assert.Contains(("dlq.reason", "no_identity"), letter.Headers);
        Assert.Single(ReadUntil(Topics.Activity, records => records.Any(record => record.Key is not null)), record => record.Key is not null);
    }

    [Fact]
    public void A_record_that_is_too_large_is_cut_and_its_length_and_hash_are_said()
    {
        var value = $$$"""{"event":"e","user_id":"ada","properties":{"a":"{{{new string('x', 1_200_000)}}}"}}""";
        Publish(0, [value]);
        StartLane();
        var letter = ReadUntil(Topics.DeadLetters, records => records.Count == 1)[0];
        Assert.Equal(64 * 1024, letter.Value.Length);
        Assert.StartsWith("{\"event\":\"e\"", letter.Value, StringComparison.Ordinal);
        Assert.Contains(("dlq.reason", "too_large"), letter.Headers);
        Assert.Contains(("dlq.length", value.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), letter.Headers);
        Assert.Contains(("dlq.sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(value)))), letter.Headers);
    }

    [Fact]
    public void A_context_that_the_producer_sampled_goes_on_and_one_that_it_did_not_is_dropped()
    {
        const string sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Publish(0, ["""{"event":"sampled","user_id":"ada"}"""], headers: new RecordHeaders().Add("traceparent", sampled));
        Publish(0, ["""{"event":"unsampled","user_id":"ada"}"""], headers: new RecordHeaders().Add("traceparent", sampled.Replace("-01", "-00", StringComparison.Ordinal)));
        StartLane();
        var activity = ReadUntil(Topics.Activity, records => records.Count(record => record.Key is not null) == 2).Where(record => record.Key is not null).ToList();
        Assert.Equal("traceparent", Assert.Single(activity[0].Headers).Name);
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", activity[0].Headers[0].Value!, StringComparison.Ordinal);
        Assert.Empty(activity[1].Headers);
    }

    [Fact]
    public void One_trace_leads_from_the_producer_through_processing_and_sending_to_the_record()
    {
        const string producer = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "CohortPipeline.Ingest" or "CohortPipeline.Lanes",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name.EndsWith("traced", StringComparison.Ordinal) || options.Parent.TraceId != default ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        Publish(0, ["""{"event":"sampled","user_id":"ada"}"""], headers: new RecordHeaders().Add("traceparent", producer), topicName: "traced");
        Publish(0, ["""{"event":"begun here","user_id":"ada"}"""], topicName: "traced");
        StartLane("traced");
        var activity = ReadUntil(Topics.Activity, records => records.Count(record => record.Key is not null) == 2).Where(record => record.Key is not null).ToList();

        // The commit's span ends after what was committed can be read.
        _stop.Cancel();
        _thread!.Join();
        var ofProducer = spans.Where(span => span.TraceId.ToHexString() == "1af7651916cd43dd8448eb211c80319c").ToList();
        var process = ofProducer.Single(span => span.DisplayName == "process traced");
        var send = ofProducer.Single(span => span.DisplayName == "send activity" && span.ParentSpanId == process.SpanId);
        Assert.Equal("b7ad6b7169203331", process.ParentSpanId.ToHexString());
        Assert.Equal($"00-{send.TraceId}-{send.SpanId}-01", activity[0].Headers.Single().Value);
        foreach (var operation in (string[])["poll traced", "commit traced"])
            Assert.Contains(spans, span => span.DisplayName == operation && span.Links.Any(link => link.Context.TraceId == process.TraceId && link.Context.SpanId == process.ParentSpanId));
        Assert.DoesNotContain("1af7651916cd43dd8448eb211c80319c", activity[1].Headers.Single().Value!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_timestamp_of_a_record_published_with_its_own_is_its_L()
    {
        Publish(0, ["""{"event":"e","user_id":"ada"}"""], headers: new RecordHeaders { Timestamp = 1_569_888_000_000 });
        StartLane();
        var activity = ReadUntil(Topics.Activity, records => records.Any(record => record.Key is not null)).First(record => record.Key is not null);
        Assert.Contains("\"l\":1569888000000,", activity.Value, StringComparison.Ordinal);
    }

    private static long SourceOffset(string value)
    {
        Assert.True(new ActivityReader().TryRead(Encoding.UTF8.GetBytes(value), out var record, out _));
        return record.Source.Offset;
    }

    private void Publish(int partition, string[] values, string? key = null, RecordHeaders? headers = null, string topicName = "events")
    {
        using var writer = _log.OpenWriter("producer");
        var topic = writer.Topic(topicName);
        foreach (var value in values)
            writer.Append(topic, partition, key is null ? Bytes.Null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), headers);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private void StartLane(string topic = "events")
    {
        var options = new LaneOptions { Group = "event-ingest", Topics = [topic], TransactionalId = "event-ingest.0" };
        var ingest = new IngestOptions { WatermarkInterval = TimeSpan.FromMilliseconds(10) };
        var lane = new Lane(
            _log,
            options,
            0,
            _ => new IngestProcessor(ingest, Topics, "event-ingest", "event-ingest", _log.Admin, TimeProvider.System, NullLogger.Instance),
            TimeProvider.System,
            NullLogger.Instance,
            _stop.Token);
        _thread = new(lane.Run) { IsBackground = true };
        _thread.Start();
    }

    private List<LogEntry> ReadUntil(TopicSpec topic, Func<List<LogEntry>, bool> isEnough)
    {
        using var reader = _log.OpenReader(new("test"));
        reader.Assign([.. Enumerable.Range(0, topic.PartitionCount).Select(partition => new PartitionPosition(topic.Name, partition, 0))]);
        var read = new List<LogEntry>();
        while (!isEnough(read))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var batch = reader.Poll(1000, TimeSpan.FromMilliseconds(100));
            for (var index = 0; index < batch.Records.Length; index++)
                read.Add(LogEntry.Of(batch, index));
        }

        return read;
    }

    /// <summary>A copy of a record.</summary>
    private sealed record LogEntry(int Partition, string? Key, string Value, (string Name, string? Value)[] Headers)
    {
        public static LogEntry Of(RecordBatch batch, int index)
        {
            var record = batch.Records[index];
            var headers = new (string, string?)[batch.HeaderCountOf(index)];
            for (var i = 0; i < headers.Length; i++)
            {
                var header = batch.HeaderOf(index, i);
                headers[i] = (Encoding.UTF8.GetString(header.Name), header.HasValue ? Encoding.UTF8.GetString(header.Value) : null);
            }

            return new(record.Partition, record.HasKey ? Encoding.UTF8.GetString(record.Key) : null, Encoding.UTF8.GetString(record.Value), headers);
        }
    }
}
