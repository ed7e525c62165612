using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CohortPipeline.State;

/// <summary>
/// Blocks of bytes in a few large arrays, so that the collector sees no object a profile. A block that is freed serves the
/// next one of its size class. The arrays grow with what they hold: a partition of few profiles costs little.
/// </summary>
/// <remarks>
/// An address is a chunk's number and the place in it, in units of four bytes: of a partition there are at most 16 GiB.
/// Blocks that grow leave gaps of sizes that nobody asks for any more. Whoever knows which blocks are in use can move them
/// out of chunks with many gaps (<see cref="BeginEvacuation"/>), which are whole then.
/// </remarks>
internal sealed unsafe class ByteArena
{
    /// <summary>Of all but the first ones, and of those that hold one block alone.</summary>
    public const int ChunkBytes = UnitBytes << PlaceBits;

    public const int BlockBytesMax = 1024 * 1024;

    private const int UnitBytes = 4;
    private const int PlaceBits = 16;
    private const uint PlaceMask = (1u << PlaceBits) - 1;
    private const int FirstChunkBytes = 64 * 1024;
    private const int ChunksMax = 1 << (32 - PlaceBits);
    private const int SmallBytesMax = 1024;
    private const int SmallClassCount = SmallBytesMax / UnitBytes;
    private const int ClassCount = SmallClassCount + 10;

    /// <summary>More than this share of all bytes is not to be gaps.</summary>
    private const int GapShare = 4;

    private const int GapsMin = 4 * ChunkBytes;

    private readonly List<uint>[] _free = new List<uint>[ClassCount];
    private readonly List<Chunk> _chunks = [];
    private readonly Stack<int> _whole = new();

    /// <summary>Of the chunks, which are pinned: to look into an array itself, for its length, would be a fetch from memory more.</summary>
    private nint[] _starts = new nint[4];

    private int _current = -1;
    private int _looked;
    private long _gaps;

    /// <summary>Bytes of all chunks, used or not.</summary>
    public long Bytes { get; private set; }

    /// <summary>So much lies in gaps that it is worth while to move blocks.</summary>
    public bool IsSparse => _gaps > GapsMin && _gaps * GapShare > Bytes;

    /// <summary>What a block of at least this length really holds.</summary>
    public static int CapacityOf(int length) => CapacityOfClass(ClassOf(length));

    public uint Allocate(int length)
    {
        var sizeClass = ClassOf(length);
        var capacity = CapacityOfClass(sizeClass);
        if (_free[sizeClass] is { Count: > 0 } free)
        {
            var freed = free[^1];
            free.RemoveAt(free.Count - 1);
            CountGap(freed, -capacity);
            return freed;
        }

        if (_current < 0 || _chunks[_current].Used + capacity > Math.Min(_chunks[_current].Bytes.Length, ChunkBytes))
            NextChunk(capacity);
        var chunk = _chunks[_current];
        var address = AddressOf(_current, chunk.Used);
        chunk.Used += capacity;
        return address;
    }

    public void Free(uint address, int length)
    {
        var sizeClass = ClassOf(length);
        (_free[sizeClass] ??= []).Add(address);
        CountGap(address, CapacityOfClass(sizeClass));
    }

    /// <summary>So many bytes from an address on, which must be a block's: nothing is checked.</summary>
    public Span<byte> Block(uint address, int length) => new(At(address), length);

    /// <summary>The first byte of a block.</summary>
    public ref byte First(uint address) => ref *At(address);

    /// <summary>Picks chunks with more gaps than others, as many as there is room for, and gives out none of their blocks from now on.</summary>
    /// <returns>How many.</returns>
    public int BeginEvacuation(Span<int> chunks)
    {
        var picked = 0;
        for (var left = _chunks.Count; left > 0 && picked < chunks.Length; left--)
        {
            _looked = (_looked + 1) % _chunks.Count;
            var chunk = _chunks[_looked];
            if (_looked == _current || chunk.Gaps == 0 || chunk.Gaps * Bytes < chunk.Bytes.Length * _gaps)
                continue;
            chunk.IsLeft = true;
            _gaps -= chunk.Gaps;
            chunks[picked++] = _looked;
        }

        for (var sizeClass = 0; sizeClass < ClassCount && picked > 0; sizeClass++)
            _free[sizeClass]?.RemoveAll(address => _chunks[ChunkOf(address)].IsLeft);
        return picked;
    }

    /// <summary>Where a chunk's blocks lie, in use or freed: one behind the other, the first one at the first address.</summary>
    public (uint First, uint End) AddressesOf(int chunk) => (AddressOf(chunk, 0), AddressOf(chunk, _chunks[chunk].Used));

    /// <summary>The address behind a block.</summary>
    public static uint Behind(uint address, int length) => address + (uint)(CapacityOf(length) / UnitBytes);

    /// <summary>Nobody uses a block of the chunk any more.</summary>
    public void EndEvacuation(int chunk)
    {
        (_chunks[chunk].Used, _chunks[chunk].Gaps, _chunks[chunk].IsLeft) = (0, 0, false);
        _whole.Push(chunk);
    }

    private static uint AddressOf(int chunk, int place) => ((uint)chunk << PlaceBits) + (uint)(place / UnitBytes);

    private static int ChunkOf(uint address) => (int)(address >> PlaceBits);

    private byte* At(uint address) => (byte*)_starts[ChunkOf(address)] + ((address & PlaceMask) * UnitBytes);

    private void CountGap(uint address, int bytes)
    {
        _chunks[ChunkOf(address)].Gaps += bytes;
        _gaps += bytes;
    }

    /// <summary>A block that is larger than a chunk has one of its own.</summary>
    private void NextChunk(int least)
    {
        if (_whole.TryPeek(out var whole) && _chunks[whole].Bytes.Length >= least)
        {
            _current = _whole.Pop();
            return;
        }

        if (_chunks.Count == ChunksMax)
            throw new InvalidOperationException($"the profiles of a partition take more than {(long)ChunksMax * ChunkBytes} bytes: spread them over more partitions");
        if (_chunks.Count == _starts.Length)
            Array.Resize(ref _starts, _starts.Length * 2);
        var length = _chunks.Count == 0 ? FirstChunkBytes : Math.Min(_chunks[^1].Bytes.Length * 2, ChunkBytes);
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Max(length, least), pinned: true);
        _current = _chunks.Count;
        _starts[_current] = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(bytes));
        _chunks.Add(new(bytes));
        Bytes += bytes.Length;
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

    private sealed class Chunk(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        /// <summary>Where the next block would lie.</summary>
        public int Used { get; set; }

        /// <summary>Bytes of freed blocks.</summary>
        public long Gaps { get; set; }

        /// <summary>It is being evacuated.</summary>
        public bool IsLeft { get; set; }
    }
}
