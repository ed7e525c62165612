using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Where a partition key lies among the shards.</summary>
public static class HashKeys
{
    private const int HashBytes = 16;

    /// <summary>MD5 of the key's UTF-8, as an unsigned big-endian number of 128 bits.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> partitionKey)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        if (partitionKey.Length <= ShortMd5.BytesMax)
            ShortMd5.Hash(partitionKey, hash);
        else
            HashLong(partitionKey, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

#pragma warning disable CA5351 // It spreads keys, as the service does; nothing is kept secret by it.
    private static void HashLong(ReadOnlySpan<byte> partitionKey, Span<byte> hash) => MD5.HashData(partitionKey, hash);
#pragma warning restore CA5351
}

/// <summary>The hash keys of a shard, both ends included.</summary>
public readonly record struct HashRange(UInt128 First, UInt128 Last)
{
    public bool Contains(UInt128 hashKey) => hashKey >= First && hashKey <= Last;

    /// <summary>All hash keys in <paramref name="count"/> ranges of one size; the last has what is left over.</summary>
    public static IReadOnlyList<HashRange> Even(int count)
    {
        // 2^128 / count, where 2^128 itself has no place in 128 bits.
        var (size, rest) = UInt128.DivRem(UInt128.MaxValue, (UInt128)count);
        if (rest + 1 == (UInt128)count)
            size++;
        return [.. Enumerable.Range(0, count).Select(i => new HashRange((UInt128)i * size, i == count - 1 ? UInt128.MaxValue : ((UInt128)(i + 1) * size) - 1))];
    }
}
