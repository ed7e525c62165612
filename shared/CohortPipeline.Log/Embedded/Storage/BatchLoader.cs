using CohortPipeline.Log.Embedded.Batches;
using CohortPipeline.Log.Embedded.Partitions;
using Microsoft.Data.Sqlite;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>Reads batches back from disk, for one reader and on its thread.</summary>
internal sealed unsafe class BatchLoader : IDisposable
{
    /// <summary>How much is read ahead at a time.</summary>
    private const int ReadBytesMax = 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly StoreErrors _errors;
    private readonly Statement _select;

    public BatchLoader(SqliteConnection connection, StoreErrors errors)
    {
        _connection = connection;
        _errors = errors;
        // From the batch that holds the offset on, or the next one where compaction has taken that away.
        _select = new(connection.Handle!, errors,
            """
            SELECT id, data FROM batches
            WHERE id >= coalesce((SELECT max(id) FROM batches WHERE id BETWEEN ?1 AND ?2), ?2) AND id < ?3
            ORDER BY id
            """);
    }

    public BatchBuffer Load(PartitionLog partition, long offset)
    {
        _select
            .Bind(1, BatchId.Of(partition.Id, 0))
            .Bind(2, BatchId.Of(partition.Id, offset))
            .Bind(3, BatchId.Of(partition.Id, partition.EndOffset));
        var buffer = new BatchBuffer(ReadBytesMax);
        try
        {
            while (buffer.Length < ReadBytesMax && _select.Step())
            {
                var data = _select.Blob(1);
                var copy = buffer.Extend(data.Length);
                data.CopyTo(new Span<byte>(copy, data.Length));
                var id = _select.Int64(0);
                if (!BatchFormat.IsIntact(copy, data.Length, BatchId.OffsetOf(id)))
                    throw _errors.DamagedBatch(id);
            }

            return buffer.Length > 0 ? buffer : throw _errors.DamagedBatch(BatchId.Of(partition.Id, offset));
        }
        catch (Exception error) when (error is LogException or LogUnavailableException)
        {
            buffer.Release();
            throw;
        }
        finally
        {
            _select.Reset();
        }
    }

    public void Dispose()
    {
        _select.Dispose();
        _connection.Dispose();
    }
}
