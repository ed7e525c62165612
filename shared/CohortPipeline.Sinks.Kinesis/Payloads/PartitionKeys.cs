using System.Security.Cryptography;
using System.Text;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Partition keys of Kinesis: 1 to 256 bytes of UTF-8 here, which is never more than its 256 characters.</summary>
public static class PartitionKeys
{
    public const int BytesMax = 256;

    /// <summary>Length of a random key.</summary>
    public const int RandomLength = 2 * RandomBytes;

    private const int RandomBytes = 16;

    /// <summary>The identifier itself; a longer one as hex of its SHA-256, never cut, so that different users keep different keys.</summary>
    public static string Of(ReadOnlySpan<byte> identifier) =>
        identifier.Length <= BytesMax ? Encoding.UTF8.GetString(identifier) : Convert.ToHexStringLower(SHA256.HashData(identifier));

    /// <summary>A key that spreads records over shards: 32 hex digits. What callers pass where a seam for random keys is asked for.</summary>
    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
}
