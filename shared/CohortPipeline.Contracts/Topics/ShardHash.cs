using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CohortPipeline.Contracts;

/// <summary>Where a partition key of Kinesis lies among the shards of a stream, each of which has a range of hashes.</summary>
public static class ShardHash
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
