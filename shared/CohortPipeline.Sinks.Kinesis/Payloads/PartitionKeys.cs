using System.Security.Cryptography;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Partition keys of Kinesis: 1 to 256 bytes of UTF-8 here, which is never more than its 256 characters.</summary>
public static class PartitionKeys
{
    public const int BytesMax = 256;

    /// <summary>Length of a random key.</summary>
    public const int RandomLength = 2 * RandomBytes;

    private const int RandomBytes = 16;

    /// <summary>The identifier itself; a longer one as hex of its SHA-256, never cut, so that different users keep different keys.</summary>
    /// <param name="identifier">In UTF-8.</param>
    /// <param name="destination">Has <see cref="BytesMax"/> bytes.</param>
    /// <returns>The key's length.</returns>
    public static int Write(ReadOnlySpan<byte> identifier, Span<byte> destination)
    {
        if (identifier.Length <= BytesMax)
        {
            identifier.CopyTo(destination);
            return identifier.Length;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(identifier, hash);
        Convert.TryToHexStringLower(hash, destination, out var written);
        return written;
    }

    /// <summary>A key that spreads records over shards: 32 hex digits. What callers pass where a seam for random keys is asked for.</summary>
    public static void WriteRandom(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(bytes);
        Convert.TryToHexStringLower(bytes, destination, out _);
    }
}
