using CohortPipeline.Contracts;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>
/// What topics promise to forget, done when a log is opened and before anybody reads it: batches past their retention go,
/// and of a compacted topic's records only the newest of each key stays (tombstones too), at the offset it had.
/// </summary>
internal sealed class Cleaning(LogStore store, TimeProvider time)
{
    /// <summary>A partition that is smaller is not worth the work.</summary>
    public const long CompactionBytesMin = 8 * 1024 * 1024;

    /// <summary>It has to grow by so much before it is compacted again, so that opening a log stays quick.</summary>
    private const int GrowthFactor = 2;

    public void Run()
    {
        var now = time.GetUtcNow();
        foreach (var (id, cleanup, span) in ReadPartitions())
        {
            if (cleanup == TopicCleanup.Compact)
                CompactIfGrown(id, (now - (span ?? TimeSpan.Zero)).ToUnixTimeMilliseconds());
            else if (span is { } retention)
                Expire(id, (now - retention).ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Partitions, with how long a record must be kept whatever comes after it.</summary>
    private List<(int Id, TopicCleanup Cleanup, TimeSpan? Kept)> ReadPartitions()
    {
        var partitions = new List<(int, TopicCleanup, TimeSpan?)>();
        using var select = store.Prepare(
            "SELECT id, cleanup, CASE cleanup WHEN ?1 THEN compaction_lag_ms ELSE retention_ms END FROM partitions JOIN topics ON topics.name = partitions.topic");
        select.Bind(1, (long)TopicCleanup.Compact);
        while (select.Step())
            partitions.Add((select.Int32(0), (TopicCleanup)select.Int32(1), select.IsNull(2) ? null : TimeSpan.FromMilliseconds(select.Int64(2))));
        return partitions;
    }

    private void Expire(int partition, long before) => store.Transact(() =>
    {
        if (OldBatches(partition, before) is not { } old)
            return;
        using var advance = store.Prepare("UPDATE partitions SET first_offset = (SELECT last_offset + 1 FROM batches WHERE id = ?2) WHERE id = ?1");
        advance.Bind(1, partition).Bind(2, old.LastId).Run();
        using var delete = store.Prepare("DELETE FROM batches WHERE id BETWEEN ?1 AND ?2");
        delete.Bind(1, BatchId.Of(partition, 0)).Bind(2, old.LastId).Run();
    });

    private void CompactIfGrown(int partition, long before)
    {
        if (OldBatches(partition, before) is not { } old || old.Bytes < CompactionBytesMin || old.Bytes < GrowthFactor * CompactedBytes(partition))
            return;
        store.Transact(() =>
        {
            new Compaction(store, BatchId.Of(partition, 0), old.LastId).Run();
            using var note = store.Prepare("UPDATE partitions SET compacted_bytes = ?2 WHERE id = ?1");
            note.Bind(1, partition).Bind(2, OldBatches(partition, before)?.Bytes ?? 0).Run();
        });
    }

    /// <summary>The partition's batches up to the first that is not older; null if there are none.</summary>
    private (long LastId, long Bytes)? OldBatches(int partition, long before)
    {
        using var select = store.Prepare(
            """
            SELECT max(id), sum(length(data)) FROM batches
            WHERE id >= ?1 AND id < coalesce((SELECT min(id) FROM batches WHERE id >= ?1 AND id < ?2 AND timestamp >= ?3), ?2)
            """);
        select.Bind(1, BatchId.Of(partition, 0)).Bind(2, BatchId.Of(partition + 1, 0)).Bind(3, before);
        return select.Step() && !select.IsNull(0) ? (select.Int64(0), select.Int64(1)) : null;
    }

    private long CompactedBytes(int partition)
    {
        using var select = store.Prepare("SELECT compacted_bytes FROM partitions WHERE id = ?1");
        return select.Bind(1, partition).Step() ? select.Int64(0) : 0;
    }
}
