using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CohortPipeline.State;

/// <summary>
/// Blocks of bytes in a few large arrays, so that the collector sees no object a profile. A block that is freed serves the
/// next one of its size class. The arrays grow with what they hold: a partition of few profiles costs little.
/// </summary>
/// <remarks>An address is a chunk's number and the place in it, in units of four bytes: of a partition there are at most 16 GiB.</remarks>
internal sealed unsafe class ByteArena
{
    private const int UnitBytes = 4;
    private const int PlaceBits = 16;
    private const uint PlaceMask = (1u << PlaceBits) - 1;
    private const int FirstChunkBytes = 64 * 1024;
    private const int ChunkBytes = UnitBytes << PlaceBits;
    private const int ChunksMax = 1 << (32 - PlaceBits);
    private const int BlockBytesMax = 1024 * 1024;
    private const int SmallBytesMax = 1024;
    private const int SmallClassCount = SmallBytesMax / UnitBytes;
    private const int ClassCount = SmallClassCount + 10;

    private readonly Stack<uint>[] _free = new Stack<uint>[ClassCount];
    private readonly List<byte[]> _chunks = [];

    /// <summary>Of the chunks, which are pinned: to look into an array itself, for its length, would be a fetch from memory more.</summary>
    private nint[] _starts = new nint[4];

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
        if (_chunks.Count == 0 || _used + capacity > Math.Min(_chunks[^1].Length, ChunkBytes))
            AddChunk(capacity);

        var address = ((uint)(_chunks.Count - 1) << PlaceBits) | (uint)(_used / UnitBytes);
        _used += capacity;
        return address;
    }

    public void Free(uint address, int length) => (_free[ClassOf(length)] ??= new()).Push(address);

    /// <summary>So many bytes from an address on, which must be a block's: nothing is checked.</summary>
    public Span<byte> Block(uint address, int length) => new(At(address), length);

    /// <summary>The first byte of a block.</summary>
    public ref byte First(uint address) => ref *At(address);

    private byte* At(uint address) => (byte*)_starts[address >> PlaceBits] + (address & PlaceMask) * UnitBytes;

    /// <summary>A block that is larger than a chunk has one of its own.</summary>
    private void AddChunk(int least)
    {
        if (_chunks.Count == ChunksMax)
            throw new InvalidOperationException($"the profiles of a partition take more than {(long)ChunksMax * ChunkBytes} bytes: spread them over more partitions");
        if (_chunks.Count == _starts.Length)
            Array.Resize(ref _starts, _starts.Length * 2);
        var length = _chunks.Count == 0 ? FirstChunkBytes : Math.Min(_chunks[^1].Length * 2, ChunkBytes);
        var chunk = GC.AllocateUninitializedArray<byte>(Math.Max(length, least), pinned: true);
        _starts[_chunks.Count] = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(chunk));
        _chunks.Add(chunk);
        Bytes += chunk.Length;
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
