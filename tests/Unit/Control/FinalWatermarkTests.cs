using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

/// <summary>An import ends when everything published has been read by ingest, and not before.</summary>
public sealed class FinalWatermarkTests : IAsyncLifetime
{
    private const long Until = 1_772_359_200_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("watermark-").FullName;
    private readonly PipelineOptions _options = new() { Log = LogKind.Embedded, Clock = ClockKind.Record };
    private readonly PipelineTopics _topics;
    private readonly FakeTimeProvider _time = new();
    private EmbeddedLog _log = null!;
    private ControlTransactions _transactions = null!;
    private FinalWatermark _watermark = null!;

    public FinalWatermarkTests() => _topics = _options.Topics();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        foreach (var topic in _topics.All)
            await _log.Admin.CreateAsync(topic, Cancellation);
        foreach (var source in _options.SourceTopics)
            await _log.Admin.CreateAsync(new(source, _options.PartitionCount, TopicCleanup.Delete), Cancellation);
        _transactions = new(_log, _options);
        _watermark = new(_log, _transactions, _options, _time, NullLogger<FinalWatermark>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _transactions.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Goes_to_every_partition_of_activity_at_once_where_nothing_is_unread()
    {
        Assert.True((await _watermark.WriteAsync(Until, Cancellation)).Value);
        Assert.Equal(Enumerable.Repeat($"{{\"type\":\"watermark\",\"until\":{Until}}}", _options.PartitionCount), await Activity());
    }

    [Fact]
    public async Task Waits_until_ingest_has_committed_past_what_was_published()
    {
        Publish();
        var writing = _watermark.WriteAsync(Until, Cancellation);
        Assert.False(writing.IsCompleted);
        Assert.Empty(await Activity());

        CommitAll("event-ingest", "events");
        while (!writing.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True((await writing).Value);
        Assert.Equal(_options.PartitionCount, (await Activity()).Count);
    }

    private void Publish()
    {
        using var writer = _log.OpenWriter("producer");
        writer.Append(writer.Topic("events"), 1, "u:ada"u8, "{}"u8);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Reads a topic to its end as a member of the group, and commits.</summary>
    private void CommitAll(string group, string topic)
    {
        using var reader = _log.OpenReader(new(group));
        reader.Subscribe([topic], new FromTheStart());
        while (reader.Poll(100, TimeSpan.FromMilliseconds(10)).Records.Length == 0)
        {
            // The assignment comes first.
        }

        var end = reader.EndOffset(new(topic, 1), Isolation.Committed);
        Assert.True(reader.Commit([new(topic, 1, end, "")]));
        reader.Leave();
    }

    private async Task<IReadOnlyList<string>> Activity()
    {
        var values = new List<string>();
        await TopicFollower.ReadToEndAsync(_log, "test", [_topics.Activity.Name], (in LogRecord record) => values.Add(Encoding.UTF8.GetString(record.Value)), Cancellation);
        return values;
    }

    private sealed class FromTheStart : IPositionedHandler
    {
        public long[] Assigned(IReadOnlyList<CommittedPosition> partitions) => [.. partitions.Select(_ => 0L)];

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
        }

        public void Lost(IReadOnlyList<TopicPartition> partitions)
        {
        }
    }
}
