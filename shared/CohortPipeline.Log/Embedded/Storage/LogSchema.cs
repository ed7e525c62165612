namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>The tables of the log's file.</summary>
internal static class LogSchema
{
    /// <summary>One script in one transaction, so that a file is either empty or whole.</summary>
    public static string Create(int applicationId, int formatVersion) =>
        $"""
        BEGIN IMMEDIATE;
        CREATE TABLE topics (
            name TEXT NOT NULL PRIMARY KEY,
            partition_count INTEGER NOT NULL,
            cleanup INTEGER NOT NULL,
            retention_ms INTEGER,
            compaction_lag_ms INTEGER,
            record_bytes_max INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE partitions (
            id INTEGER PRIMARY KEY,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            first_offset INTEGER NOT NULL,
            compacted_bytes INTEGER NOT NULL DEFAULT 0,
            UNIQUE (topic, partition)
        );
        -- The id is the partition's id and the batch's first offset in one number (BatchId): one tree holds
        -- batches in reading order, and no index has to be written beside it.
        CREATE TABLE batches (
            id INTEGER PRIMARY KEY,
            last_offset INTEGER NOT NULL,
            timestamp INTEGER NOT NULL,
            data BLOB NOT NULL
        );
        CREATE TABLE positions (
            member_group TEXT NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            position INTEGER NOT NULL,
            metadata TEXT NOT NULL,
            PRIMARY KEY (member_group, topic, partition)
        ) WITHOUT ROWID;
        PRAGMA application_id = {applicationId};
        PRAGMA user_version = {formatVersion};
        COMMIT;
        """;
}

/// <summary>A batch's id: 16 bits of partition, 47 bits of offset.</summary>
internal static class BatchId
{
    public const int PartitionsMax = 1 << 16;

    public const int OffsetBits = 47;

    public static long Of(int partitionId, long offset) => ((long)partitionId << OffsetBits) + offset;

    public static int PartitionOf(long id) => (int)(id >> OffsetBits);

    public static long OffsetOf(long id) => id & ((1L << OffsetBits) - 1);
}
