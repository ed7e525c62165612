using System.Buffers;

namespace CohortPipeline.Kinesis.Local;

/// <summary>A record of a put: where its key lies among the shards, and where key and data stand in the batch's bytes.</summary>
internal readonly record struct PutEntry(UInt128 HashKey, int KeyStart, int KeyBytes, int DataStart, int DataBytes)
{
    public int Size => KeyBytes + DataBytes;
}

/// <summary>What became of an entry: stored under a number in a shard, or not.</summary>
internal readonly record struct PutResult(KinesisError? Error, long Number, Shard Shard);

/// <summary>The records of one put, in rented memory that is given back with it.</summary>
/// <param name="capacity">Bytes of all keys and data at the most.</param>
internal sealed class PutBatch(int capacity) : IDisposable
{
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int _used;

    public string? StreamName { get; set; }

    public string? StreamArn { get; set; }

    /// <summary>In the order of the request.</summary>
    public List<PutEntry> Entries { get; } = [];

    /// <summary>Where the next key or data goes, before it is <see cref="Keep">kept</see>.</summary>
    public Span<byte> Free => _bytes.AsSpan(_used);

    /// <summary>Keeps the first of the free bytes; answers where they stand.</summary>
    public int Keep(int bytes)
    {
        _used += bytes;
        return _used - bytes;
    }

    public ReadOnlySpan<byte> Key(in PutEntry entry) => _bytes.AsSpan(entry.KeyStart, entry.KeyBytes);

    public ReadOnlySpan<byte> Data(in PutEntry entry) => _bytes.AsSpan(entry.DataStart, entry.DataBytes);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
}
