using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CohortPipeline.Log.Embedded.Batches;

/// <summary>
/// A batch of records as it lies on disk and in memory alike: one <see cref="BatchHeader"/>, then the records one after
/// the other, each a <see cref="RecordHeader"/>, the key, the value, the headers. All numbers are little-endian and unaligned.
/// Headers are an int32 count, then for each the length of name and value (-1: null) as int32, the name, the value. If the
/// count has its highest bit set, an int64 stands before the first header: the record's own timestamp.
/// </summary>
internal static unsafe class BatchFormat
{
    /// <summary>"CLB1": the last byte is the format's version.</summary>
    public const uint Magic = 0x31424c43;

    public const int NullLength = -1;

    /// <summary>Bit of a header count that says that the record has a timestamp of its own.</summary>
    public const int TimestampFlag = int.MinValue;

    public static ulong HashOf(byte* batch, int bytes) =>
        XxHash3.HashToUInt64(new ReadOnlySpan<byte>(batch + sizeof(BatchHeader), bytes - sizeof(BatchHeader)));

    /// <summary>
    /// Checks a batch that comes from disk before anything in it is trusted: a length that lies would have a reader walk
    /// through foreign memory.
    /// </summary>
    public static bool IsIntact(byte* batch, int bytes, long baseOffset)
    {
        if (bytes < sizeof(BatchHeader))
            return false;
        var header = Unsafe.ReadUnaligned<BatchHeader>(batch);
        return header.Magic == Magic && header.Bytes == bytes && header.BaseOffset == baseOffset && header.Hash == HashOf(batch, bytes);
    }
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct BatchHeader
{
    public uint Magic;

    /// <summary>Length of the whole batch, this header included.</summary>
    public int Bytes;

    public long BaseOffset;

    /// <summary>When its records were written, epoch milliseconds.</summary>
    public long Timestamp;

    public int RecordCount;

    /// <summary>How many offsets the batch covers; more than it has records once it was compacted.</summary>
    public int OffsetSpan;

    /// <summary>XXH3 of everything after the header.</summary>
    public ulong Hash;
}

[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct RecordHeader
{
    public int OffsetDelta;
    public int KeyLength;
    public int ValueLength;
    public int HeadersLength;
}
