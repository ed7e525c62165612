using System.IO.Hashing;
using System.Runtime.CompilerServices;
using CohortPipeline.Log.Embedded.Batches;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>
/// Compacts a run of batches: finds the newest record of each key, then writes every batch again without the others.
/// Records without a key stay. Runs inside a transaction.
/// </summary>
internal sealed unsafe class Compaction(LogStore store, long firstId, long lastId)
{
    /// <summary>By a 128-bit hash of the key: of a billion keys, two share one with a chance of 10^-21.</summary>
    private readonly Dictionary<UInt128, long> _newest = [];

    public void Run()
    {
        ForEachBatch((_, data) => NoteKeys(data));
        using var replace = store.Prepare("UPDATE batches SET data = ?2 WHERE id = ?1");
        using var delete = store.Prepare("DELETE FROM batches WHERE id = ?1");
        ForEachBatch((id, data) =>
        {
            var compacted = new byte[data.Length];
            var length = CopyNewest(data, compacted);
            if (length == sizeof(BatchHeader))
                delete.Bind(1, id).Run();
            else if (length < data.Length)
                replace.Bind(1, id).Bind(2, compacted.AsSpan(0, length)).Run();
        });
    }

    private delegate void BatchAction(long id, ReadOnlySpan<byte> data);

    private void ForEachBatch(BatchAction action)
    {
        using var select = store.Prepare("SELECT id, data FROM batches WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT 1");
        for (var next = firstId; select.Bind(1, next).Bind(2, lastId).Step(); select.Reset())
        {
            var id = select.Int64(0);
            var data = select.Blob(1);
            fixed (byte* bytes = data)
            {
                if (!BatchFormat.IsIntact(bytes, data.Length, BatchId.OffsetOf(id)))
                    throw store.Errors.DamagedBatch(id);
            }

            action(id, data);
            next = id + 1;
        }
    }

    private void NoteKeys(ReadOnlySpan<byte> data)
    {
        var batch = Unsafe.ReadUnaligned<BatchHeader>(in data[0]);
        var records = data[sizeof(BatchHeader)..];
        for (var left = batch.RecordCount; left > 0; left--)
        {
            var record = RecordAt(records, out var length);
            if (record.KeyLength != BatchFormat.NullLength)
                _newest[HashOfKey(records, record)] = batch.BaseOffset + record.OffsetDelta;
            records = records[length..];
        }
    }

    /// <summary>Answers how long the batch has become; only its header is left if no record is.</summary>
    private int CopyNewest(ReadOnlySpan<byte> data, Span<byte> target)
    {
        var batch = Unsafe.ReadUnaligned<BatchHeader>(in data[0]);
        var records = data[sizeof(BatchHeader)..];
        var length = sizeof(BatchHeader);
        var kept = 0;
        for (var left = batch.RecordCount; left > 0; left--)
        {
            var record = RecordAt(records, out var recordLength);
            if (record.KeyLength == BatchFormat.NullLength || _newest[HashOfKey(records, record)] == batch.BaseOffset + record.OffsetDelta)
            {
                records[..recordLength].CopyTo(target[length..]);
                length += recordLength;
                kept++;
            }

            records = records[recordLength..];
        }

        batch.RecordCount = kept;
        batch.Bytes = length;
        fixed (byte* bytes = target)
        {
            batch.Hash = BatchFormat.HashOf(bytes, length);
            Unsafe.WriteUnaligned(bytes, batch);
        }

        return length;
    }

    private static RecordHeader RecordAt(ReadOnlySpan<byte> records, out int length)
    {
        var record = Unsafe.ReadUnaligned<RecordHeader>(in records[0]);
        length = sizeof(RecordHeader) + Math.Max(record.KeyLength, 0) + Math.Max(record.ValueLength, 0) + record.HeadersLength;
        return record;
    }

    private static UInt128 HashOfKey(ReadOnlySpan<byte> records, RecordHeader record) =>
        XxHash128.HashToUInt128(records.Slice(sizeof(RecordHeader), record.KeyLength));
}
