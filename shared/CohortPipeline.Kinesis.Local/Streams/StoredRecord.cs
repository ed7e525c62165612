namespace CohortPipeline.Kinesis.Local;

/// <summary>A record as it is kept: its key and then its data in a block that it shares with others.</summary>
/// <param name="Number">That of its <see cref="SequenceNumber"/>.</param>
/// <param name="ArrivedAt">Milliseconds since the epoch.</param>
internal readonly record struct StoredRecord(long Number, long ArrivedAt, byte[] Block, int Start, int KeyBytes, int DataBytes)
{
    public int Size => KeyBytes + DataBytes;

    public ReadOnlySpan<byte> Key => Block.AsSpan(Start, KeyBytes);

    public ReadOnlySpan<byte> Data => Block.AsSpan(Start + KeyBytes, DataBytes);
}

/// <summary>Gives records their memory: a few large arrays instead of one a record. A block is freed with its last record.</summary>
internal sealed class RecordBlocks
{
    private const int BlockBytes = 1024 * 1024;

    private byte[] _block = [];
    private int _used;

    public StoredRecord Store(long number, long arrivedAt, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var size = key.Length + data.Length;
        if (size > _block.Length - _used)
        {
            _block = GC.AllocateUninitializedArray<byte>(Math.Max(BlockBytes, size));
            _used = 0;
        }

        var record = new StoredRecord(number, arrivedAt, _block, _used, key.Length, data.Length);
        key.CopyTo(_block.AsSpan(_used));
        data.CopyTo(_block.AsSpan(_used + key.Length));
        _used += size;
        return record;
    }
}
