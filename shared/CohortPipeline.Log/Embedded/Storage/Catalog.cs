using CohortPipeline.Contracts;
using CohortPipeline.Log.Embedded.Partitions;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>Reads what a log holds when it is opened, and adds topics to it.</summary>
internal sealed class Catalog(LogStore store)
{
    public List<TopicLog> ReadTopics()
    {
        var topics = new List<TopicLog>();
        using var select = store.Prepare("SELECT name, partition_count, cleanup, retention_ms, compaction_lag_ms, record_bytes_max FROM topics");
        while (select.Step())
        {
            var spec = new TopicSpec(
                select.Text(0), select.Int32(1), (TopicCleanup)select.Int32(2), Duration(select, 3), Duration(select, 4), select.Int32(5));
            topics.Add(new(spec, ReadPartitions(spec)));
        }

        return topics;
    }

    public List<(string Group, CommittedPosition Position)> ReadPositions()
    {
        var positions = new List<(string, CommittedPosition)>();
        using var select = store.Prepare("SELECT member_group, topic, partition, position, metadata FROM positions");
        while (select.Step())
            positions.Add((select.Text(0), new(select.Text(1), select.Int32(2), select.Int64(3), select.Text(4))));
        return positions;
    }

    public TopicLog Create(TopicSpec spec)
    {
        var partitions = new PartitionLog[spec.PartitionCount];
        store.Transact(() =>
        {
            using var insertTopic = store.Prepare("INSERT INTO topics VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
            insertTopic
                .Bind(1, spec.Name)
                .Bind(2, spec.PartitionCount)
                .Bind(3, (int)spec.Cleanup)
                .Bind(4, (long?)spec.Retention?.TotalMilliseconds)
                .Bind(5, (long?)spec.MinCompactionLag?.TotalMilliseconds)
                .Bind(6, spec.RecordBytesMax)
                .Run();
            using var insertPartition = store.Prepare("INSERT INTO partitions (topic, partition, first_offset) VALUES (?1, ?2, 0) RETURNING id");
            for (var partition = 0; partition < partitions.Length; partition++)
            {
                insertPartition.Bind(1, spec.Name).Bind(2, partition).Step();
                var id = insertPartition.Int64(0);
                insertPartition.Reset();
                if (id >= BatchId.PartitionsMax)
                    throw new LogException($"An embedded log holds at most {BatchId.PartitionsMax} partitions; {spec.Name} would be beyond that. Use Kafka.");
                partitions[partition] = new(new(spec.Name, partition), (int)id, firstOffset: 0, endOffset: 0);
            }
        });
        return new(spec, partitions);
    }

    private PartitionLog[] ReadPartitions(TopicSpec spec)
    {
        var partitions = new PartitionLog[spec.PartitionCount];
        using var select = store.Prepare(
            """
            SELECT partition, id, first_offset,
                (SELECT last_offset + 1 FROM batches WHERE batches.id >= partitions.id << ?2 AND batches.id < (partitions.id + 1) << ?2 ORDER BY batches.id DESC LIMIT 1)
            FROM partitions WHERE topic = ?1
            """);
        select.Bind(1, spec.Name).Bind(2, BatchId.OffsetBits);
        while (select.Step())
        {
            var number = select.Int32(0);
            var first = select.Int64(2);
            partitions[number] = new(new(spec.Name, number), select.Int32(1), first, select.IsNull(3) ? first : select.Int64(3));
        }

        return partitions;
    }

    private static TimeSpan? Duration(Statement select, int column) =>
        select.IsNull(column) ? null : TimeSpan.FromMilliseconds(select.Int64(column));
}
