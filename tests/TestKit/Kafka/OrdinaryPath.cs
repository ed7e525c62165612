using CohortPipeline.TestKit.Proof;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace CohortPipeline.TestKit.Kafka;

/// <summary>
/// The path that other Kafka programs in .NET take, <c>Consume</c> and <c>Produce</c> of Confluent.Kafka: a cross-check of
/// the batch calls, and what stands for a producer or a reader that is not ours.
/// </summary>
public sealed class OrdinaryPath(string servers)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>The committed records of the topic by partition, from the first to the end of each.</summary>
    public IReadOnlyList<IReadOnlyList<DumpedRecord>> Read(string topic, int partitionCount, CancellationToken cancellation)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = $"ordinary-{Guid.NewGuid():N}",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
        }).SetKeyDeserializer(Bytes.Instance).SetValueDeserializer(Bytes.Instance).Build();
        var read = Enumerable.Range(0, partitionCount).Select(_ => new List<DumpedRecord>()).ToArray();
        var ends = Ends(consumer, topic, partitionCount);
        consumer.Assign(Enumerable.Range(0, partitionCount).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        while (ends.Count > 0)
        {
            var result = consumer.Consume(cancellation);
            if (!result.IsPartitionEOF)
                read[result.Partition].Add(Copy(result));
            else if (ends.TryGetValue(result.Partition, out var end) && result.Offset >= end)
                ends.Remove(result.Partition);
        }

        consumer.Close();
        return read;
    }

    /// <summary>Writes in one transaction, and commits or aborts it. Without a partition the key decides, as in Java's producer.</summary>
    public void Write(string transactionalId, string topic, IEnumerable<OrdinaryRecord> records, bool isCommitted = true)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = servers,
            TransactionalId = transactionalId,
            Partitioner = Confluent.Kafka.Partitioner.Murmur2Random,
        }).SetKeySerializer(Bytes.Instance).SetValueSerializer(Bytes.Instance).Build();
        producer.InitTransactions(CallTimeout);
        producer.BeginTransaction();
        foreach (var record in records)
        {
            var headers = new Headers();
            foreach (var (name, value) in record.Headers)
                headers.Add(name, value);
            var message = new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value, Headers = headers };
            if (record.Timestamp is { } timestamp)
                message.Timestamp = new Timestamp(timestamp, TimestampType.CreateTime);
            producer.Produce(new TopicPartition(topic, record.Partition ?? Partition.Any), message);
        }

        if (isCommitted)
            producer.CommitTransaction(CallTimeout);
        else
            producer.AbortTransaction(CallTimeout);
    }

    /// <summary>High watermarks: everything before them must be seen or known to be aborted. Empty partitions end where they begin.</summary>
    private Dictionary<int, long> Ends(IConsumer<byte[]?, byte[]?> consumer, string topic, int partitionCount)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var question = Enumerable.Range(0, partitionCount).Select(partition => new TopicPartitionOffsetSpec
        {
            TopicPartition = new(topic, partition),
            OffsetSpec = OffsetSpec.Latest(),
        });
        var options = new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = CallTimeout };
        var answer = admin.ListOffsetsAsync(question, options).GetAwaiter().GetResult();
        return answer.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
    }

    private static DumpedRecord Copy(ConsumeResult<byte[]?, byte[]?> result) => new(
        result.Topic,
        result.Partition,
        result.Offset,
        result.Message.Key,
        result.Message.Value,
        result.Message.Timestamp.UnixTimestampMs,
        [.. result.Message.Headers.Select(header => (header.Key, header.GetValueBytes() ?? []))]);

    /// <summary>Bytes as they are; absent ones stay absent.</summary>
    private sealed class Bytes : ISerializer<byte[]?>, IDeserializer<byte[]?>
    {
        public static Bytes Instance { get; } = new();

        public byte[]? Serialize(byte[]? data, SerializationContext context) => data;

        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}

/// <summary>A record to write on the ordinary path.</summary>
public sealed record OrdinaryRecord(byte[]? Key, byte[]? Value, int? Partition = null, long? Timestamp = null)
{
    public IReadOnlyList<(string Name, byte[]? Value)> Headers { get; init; } = [];
}
