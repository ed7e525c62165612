namespace CohortPipeline.State;

/// <summary>
/// Blocks of bytes in a few large arrays, so that the collector sees no object a profile. A block that is freed serves the
/// next one of its size class. The arrays grow with what they hold: a partition of few profiles costs little.
/// </summary>
internal sealed class ByteArena
{
    private const int FirstChunkBytes = 64 * 1024;
    private const int ChunkBytesMax = 1024 * 1024;
    private const int SmallStep = 8;
    private const int SmallBytesMax = 1024;
    private const int SmallClassCount = SmallBytesMax / SmallStep;
    private const int ClassCount = SmallClassCount + 10;

    private readonly List<byte[]> _chunks = [];
    private readonly Stack<long>[] _free = new Stack<long>[ClassCount];
    private int _used;

    /// <summary>Bytes of all chunks, used or not.</summary>
    public long Bytes { get; private set; }

    /// <summary>What a block of at least this length really holds.</summary>
    public static int CapacityOf(int length) => CapacityOfClass(ClassOf(length));

    public long Allocate(int length)
    {
        var sizeClass = ClassOf(length);
        if (_free[sizeClass] is { Count: > 0 } free)
            return free.Pop();
        var capacity = CapacityOfClass(sizeClass);
        if (_chunks.Count == 0 || _used + capacity > _chunks[^1].Length)
            AddChunk(capacity);

        var address = ((long)(_chunks.Count - 1) << 32) | (uint)_used;
        _used += capacity;
        return address;
    }

    public void Free(long address, int length) => (_free[ClassOf(length)] ??= new()).Push(address);

    public Span<byte> Block(long address, int length) => _chunks[(int)(address >> 32)].AsSpan((int)(uint)address, length);

    private void AddChunk(int least)
    {
        var length = _chunks.Count == 0 ? FirstChunkBytes : Math.Min(_chunks[^1].Length * 2, ChunkBytesMax);
        _chunks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(length, least)));
        Bytes += _chunks[^1].Length;
        _used = 0;
    }

    private static int ClassOf(int length)
    {
        if (length <= SmallBytesMax)
            return Math.Max(0, (length - 1) / SmallStep);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ChunkBytesMax);
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(length - 1));
        return SmallClassCount + bits - 11;
    }

    private static int CapacityOfClass(int sizeClass) =>
        sizeClass < SmallClassCount ? (sizeClass + 1) * SmallStep : 1 << (sizeClass - SmallClassCount + 11);
}
