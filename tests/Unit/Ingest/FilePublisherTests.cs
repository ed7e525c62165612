using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.Log.Embedded;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public sealed class FilePublisherTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("publish-").FullName;
    private EmbeddedLog _log = null!;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        await _log.Admin.CreateAsync(new("events", 3, TopicCleanup.Delete), TestContext.Current.CancellationToken);
        await _log.Admin.CreateAsync(new("short", 3, TopicCleanup.Delete, TimeSpan.FromDays(7)), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Records_are_keyed_by_profile_and_keep_order_and_time()
    {
        var lines = Enumerable.Range(0, 12_000).Select(number => $$"""{"event":"e","user":"u{{number % 11}}","time":{{1_000_000 + number}}}""");
        var bad = new List<long>();
        var progress = new List<PublishProgress>();
        using var file = Open(string.Join('\n', lines) + "\nbroken");
        var result = await new FilePublisher(_log, "publish", TimeProvider.System)
            .Publish("events", file, 3, progress.Add, (line, _) => bad.Add(line), TestContext.Current.CancellationToken);

        Assert.Equal(new PublishResult(12_000, 1, 1_000_000_000, 1_011_999_000), result);
        Assert.Equal([12_001L], bad);
        Assert.Equal(3, progress.Count);
        Assert.Equal(progress[^1].LengthBytes, progress[^1].ReadBytes);
        Assert.Equal([5_000L, 10_000L, 12_000L], progress.Select(step => step.Published));
        foreach (var partition in Read("events", 12_000).GroupBy(record => record.Partition))
        {
            Assert.All(partition, record => Assert.Equal(partition.Key, Partitioner.PartitionOf(Encoding.UTF8.GetBytes(record.Key), 3)));
            var times = partition.Select(record => record.Timestamp).ToArray();
            Assert.Equal(times.Order(), times);
        }
    }

    [Fact]
    public async Task A_topic_with_another_number_of_partitions_is_refused_where_order_rests_on_it()
    {
        using var file = Open("""{"event":"e","user":"ada"}""");
        var error = await Assert.ThrowsAsync<RecordFileException>(() => new FilePublisher(_log, "publish", TimeProvider.System)
            .Publish("events", file, 4, null, null, TestContext.Current.CancellationToken));
        Assert.StartsWith("topic events has 3 partitions, and with clock `record` it must have 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_whose_retention_would_drop_the_records_is_refused()
    {
        var publisher = new FilePublisher(_log, "publish", TimeProvider.System);
        using var old = Open("""{"event":"e","user":"ada","time":"2019-10-01"}""");
        var error = await Assert.ThrowsAsync<RecordFileException>(() => publisher.CheckRetention("short", old, TestContext.Current.CancellationToken));
        Assert.Contains("2019-10-01T00:00:00.000Z", error.Message, StringComparison.Ordinal);
        using var kept = Open("""{"event":"e","user":"ada","time":"2019-10-01"}""");
        await publisher.CheckRetention("events", kept, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_refused()
    {
        using var file = Open("""{"event":"e","user":"ada"}""");
        await Assert.ThrowsAsync<RecordFileException>(() => new FilePublisher(_log, "publish", TimeProvider.System)
            .Publish("nowhere", file, null, null, null, TestContext.Current.CancellationToken));
    }

    private static RecordFile Open(string contents) =>
        RecordFile.Open("a.jsonl", new MemoryStream(Encoding.UTF8.GetBytes(contents)), contents.Length, CsvMap.Guess);

    private List<(int Partition, string Key, long Timestamp)> Read(string topic, int count)
    {
        using var reader = _log.OpenReader(new("test"));
        reader.Assign([new(topic, 0, 0), new(topic, 1, 0), new(topic, 2, 0)]);
        var read = new List<(int, string, long)>();
        while (read.Count < count)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var batch = reader.Poll(1000, TimeSpan.FromMilliseconds(100));
            for (var index = 0; index < batch.Records.Length; index++)
                read.Add((batch.Records[index].Partition, Encoding.UTF8.GetString(batch.Records[index].Key), batch.TimestampOf(index)));
        }

        return read;
    }
}
