using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>The batch calls and the ordinary <c>Consume</c> and <c>Produce</c> give the same records.</summary>
public sealed class OrdinaryPathTests(SharedKafka kafka)
{
    private const int Partitions = 3;

    private static readonly byte[]?[] Keys =
    [
        null, [], .. new[] { "user-1", "user-2", "Größe", "пользователь", "利用者", "🙂", "a-much-longer-key-of-some-user@example.com" }.Select(Encoding.UTF8.GetBytes),
    ];

    private readonly string _topic = $"ordinary-{Guid.NewGuid():N}";

    [Fact]
    public async Task What_we_write_others_read_as_we_do()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var log = await kafka.OpenAsync();
        await log.Admin.CreateAsync(new TopicSpec(_topic, Partitions, TopicCleanup.Delete), cancellation);
        using var writer = log.OpenWriter(_topic);
        var output = writer.Topic(_topic);
        for (var round = 0; round < 6; round++)
        {
            for (var i = 0; i < 300; i++)
            {
                var key = Keys[i % Keys.Length];
                var headers = i % 11 == 0 ? new RecordHeaders().Add("traceparent", $"{round}-{i}").AddNull("nothing") : null;
                var value = i % 7 == 0 ? null : Encoding.UTF8.GetBytes($"{round}-{i}");
                writer.Append(output, key is null ? i % Partitions : output.PartitionOf(key), key, value, headers);
            }

            Assert.Equal(round % 3 == 1 ? CommitOutcome.Aborted : CommitOutcome.Committed, round % 3 == 1 ? writer.Abort() : writer.Commit(null, []));
        }

        var records = await AssertBothReadTheSameAsync(log, cancellation);
        Assert.Equal(4 * 300, records.Sum(partition => partition.Count));
    }

    [Fact]
    public async Task What_others_write_we_read_as_they_do()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var log = await kafka.OpenAsync();
        await log.Admin.CreateAsync(new TopicSpec(_topic, Partitions, TopicCleanup.Delete), cancellation);
        var ordinary = new OrdinaryPath(await kafka.ServersAsync());
        var records = Enumerable.Range(0, 500).Select(i => new OrdinaryRecord(
            Keys[i % Keys.Length],
            i % 5 == 0 ? null : Encoding.UTF8.GetBytes($"value {i}"),
            Partition: i % 13 == 0 ? i % Partitions : null,
            Timestamp: 1_700_000_000_000 + i)
        {
            Headers = i % 3 == 0 ? [("a", "1"u8.ToArray()), ("a", []), ("none", null)] : [],
        }).ToArray();
        ordinary.Write($"{_topic}-1", _topic, records);
        ordinary.Write($"{_topic}-2", _topic, records, isCommitted: false);
        ordinary.Write($"{_topic}-3", _topic, records[..50]);

        var read = await AssertBothReadTheSameAsync(log, cancellation);
        Assert.Equal(550, read.Sum(partition => partition.Count));
    }

    [Fact]
    public async Task Keys_fall_into_the_same_partitions()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var log = await kafka.OpenAsync();
        await log.Admin.CreateAsync(new TopicSpec(_topic, Partitions, TopicCleanup.Delete), cancellation);
        var keys = Keys.Where(key => key is { Length: > 0 }).Concat(Enumerable.Range(0, 300).Select(i => Encoding.UTF8.GetBytes($"key {i}"))).ToArray();
        new OrdinaryPath(await kafka.ServersAsync()).Write(_topic, _topic, keys.Select(key => new OrdinaryRecord(key, key)));

        var read = await LogDump.TopicAsync(log, _topic, cancellation);

        Assert.Equal(keys.Length, read.Sum(partition => partition.Count));
        for (var partition = 0; partition < Partitions; partition++)
            Assert.All(read[partition], record => Assert.Equal(partition, Partitioner.PartitionOf(record.KeyBytes, Partitions)));
    }

    private async Task<IReadOnlyList<IReadOnlyList<DumpedRecord>>> AssertBothReadTheSameAsync(ILog log, CancellationToken cancellation)
    {
        var ours = await LogDump.TopicAsync(log, _topic, cancellation);
        var theirs = new OrdinaryPath(await kafka.ServersAsync()).Read(_topic, Partitions, cancellation);
        Assert.Equal(theirs.SelectMany(Lines), ours.SelectMany(Lines));
        return ours;
    }

    /// <summary>Everything of a record in one line, bytes in hexadecimal.</summary>
    private static IEnumerable<string> Lines(IReadOnlyList<DumpedRecord> records) => records.Select(record =>
        $"{record.Topic}/{record.Partition}@{record.Offset} {record.Timestamp} {Hex(record.KeyBytes)} {Hex(record.Value)} "
        + string.Join(' ', record.Headers.Select(header => $"{header.Name}={Hex(header.Value)}")));

    private static string Hex(byte[]? bytes) => bytes is null ? "none" : $"[{Convert.ToHexString(bytes)}]";
}
