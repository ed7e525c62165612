namespace CohortPipeline.State;

/// <summary>
/// Blocks of bytes in a few large arrays, so that the collector sees no object a profile. A block that is freed serves the
/// next one of its size class. The arrays grow with what they hold: a partition of few profiles costs little.
/// </summary>
/// <remarks>An address is a chunk's number and the place in it, in units of four bytes: of a partition there are at most 16 GiB.</remarks>
internal sealed class ByteArena
{
    private const int UnitBytes = 4;
    private const int PlaceBits = 16;
    private const int FirstChunkBytes = 64 * 1024;
    private const int ChunkBytes = UnitBytes << PlaceBits;
    private const int ChunksMax = 1 << (32 - PlaceBits);
    private const int BlockBytesMax = 1024 * 1024;
    private const int SmallBytesMax = 1024;
    private const int SmallClassCount = SmallBytesMax / UnitBytes;
    private const int ClassCount = SmallClassCount + 10;

    private readonly Stack<uint>[] _free = new Stack<uint>[ClassCount];
    private byte[][] _chunks = new byte[4][];
    private int _chunkCount;
    private int _used;

    /// <summary>Bytes of all chunks, used or not.</summary>
    public long Bytes { get; private set; }

    /// <summary>What a block of at least this length really holds.</summary>
    public static int CapacityOf(int length) => CapacityOfClass(ClassOf(length));

    public uint Allocate(int length)
    {
        var sizeClass = ClassOf(length);
        if (_free[sizeClass] is { Count: > 0 } free)
            return free.Pop();
        var capacity = CapacityOfClass(sizeClass);
        if (_chunkCount == 0 || _used + capacity > Math.Min(_chunks[_chunkCount - 1].Length, ChunkBytes))
            AddChunk(capacity);

        var address = ((uint)(_chunkCount - 1) << PlaceBits) | (uint)(_used / UnitBytes);
        _used += capacity;
        return address;
    }

    public void Free(uint address, int length) => (_free[ClassOf(length)] ??= new()).Push(address);

    public Span<byte> Block(uint address, int length) => From(address)[..length];

    /// <summary>The block, and what lies behind it.</summary>
    public Span<byte> From(uint address) => _chunks[(int)(address >> PlaceBits)].AsSpan((int)(address & ((1u << PlaceBits) - 1)) * UnitBytes);

    /// <summary>A block that is larger than a chunk has one of its own.</summary>
    private void AddChunk(int least)
    {
        if (_chunkCount == ChunksMax)
            throw new InvalidOperationException($"the profiles of a partition take more than {(long)ChunksMax * ChunkBytes} bytes: spread them over more partitions");
        if (_chunkCount == _chunks.Length)
            Array.Resize(ref _chunks, _chunkCount * 2);
        var length = _chunkCount == 0 ? FirstChunkBytes : Math.Min(_chunks[_chunkCount - 1].Length * 2, ChunkBytes);
        var chunk = GC.AllocateUninitializedArray<byte>(Math.Max(length, least));
        Bytes += chunk.Length;
        _chunks[_chunkCount++] = chunk;
        _used = 0;
    }

    private static int ClassOf(int length)
    {
        if (length <= SmallBytesMax)
            return Math.Max(0, (length - 1) / UnitBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, BlockBytesMax);
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(length - 1));
        return SmallClassCount + bits - 11;
    }

    private static int CapacityOfClass(int sizeClass) =>
        sizeClass < SmallClassCount ? (sizeClass + 1) * UnitBytes : 1 << (sizeClass - SmallClassCount + 11);
}
