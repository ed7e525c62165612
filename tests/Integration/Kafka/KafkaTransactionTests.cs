using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>What only a real broker can show of transactions.</summary>
public sealed class KafkaTransactionTests(SharedKafka kafka)
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(10);

    private readonly string _name = $"transactions-{Guid.NewGuid():N}";

    [Fact]
    public async Task Committed_records_and_positions_are_seen_together()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var log = await kafka.OpenAsync();
        await log.Admin.CreateAsync(new TopicSpec(_name, 2, TopicCleanup.Delete), cancellation);
        using var writer = log.OpenWriter(_name);
        var topic = writer.Topic(_name);
        for (var i = 0; i < 2500; i++)
            writer.Append(topic, i % 2, Encoding.UTF8.GetBytes($"key-{i}"), Encoding.UTF8.GetBytes($"value-{i}"));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));

        var partitions = await LogDump.TopicAsync(log, _name, cancellation);
        Assert.Equal([1250, 1250], partitions.Select(partition => partition.Count));
        Assert.Equal("key-3", partitions[1][1].Key);

        using var reader = log.OpenReader(new(_name));
        var handler = new StartAtCommitted();
        reader.Subscribe([_name], handler);
        var read = 0;
        while (read < 2500)
            read += reader.Poll(1000, PollTimeout).Records.Length;

        var committed = handler.Owned.Select(partition => new CommittedPosition(partition.Topic, partition.Partition, 1251, $"sequence {partition.Partition}")).ToArray();
        writer.Append(topic, 0, Bytes.Null, Bytes.From("out"u8));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, committed));
        Assert.Equal(committed, reader.Committed(handler.Owned));
        Assert.Equal(committed.OrderBy(position => position.Partition), await log.Admin.CommittedAsync(_name, _name, cancellation));
        reader.Leave();
        Assert.Empty(handler.Owned);
    }

    private sealed class StartAtCommitted : IPositionedHandler
    {
        public List<TopicPartition> Owned { get; } = [];

        public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
        {
            Owned.AddRange(partitions.Select(position => position.TopicPartition));
            return partitions.Select(position => Math.Max(position.Offset, 0)).ToArray();
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions) => Owned.RemoveAll(partitions.Contains);

        public void Lost(IReadOnlyList<TopicPartition> partitions) => Owned.RemoveAll(partitions.Contains);
    }
}
