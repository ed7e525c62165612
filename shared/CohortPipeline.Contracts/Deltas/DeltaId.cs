using System.Buffers.Text;
using System.Security.Cryptography;

namespace CohortPipeline.Contracts;

/// <summary>The id of a delta: the first 22 characters of base64url of SHA-256 of (profile key, 0, cohort id, 0, version, 0, at).</summary>
public static class DeltaId
{
    public const int Length = 22;

    private const int NumberLengthMax = 20;

    public static void Write(ReadOnlySpan<byte> profileKey, ReadOnlySpan<byte> cohortId, long version, long at, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[profileKey.Length + cohortId.Length + 3 + (2 * NumberLengthMax)];
        profileKey.CopyTo(input);
        var length = profileKey.Length;
        input[length++] = 0;
        cohortId.CopyTo(input[length..]);
        length += cohortId.Length;
        input[length++] = 0;
        Utf8Formatter.TryFormat(version, input[length..], out var written);
        length += written;
        input[length++] = 0;
        Utf8Formatter.TryFormat(at, input[length..], out written);
        length += written;
        WriteHash(input[..length], destination);
    }

    /// <summary>The first 22 characters of base64url of SHA-256 of <paramref name="input"/>.</summary>
    public static void WriteHash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        Span<byte> text = stackalloc byte[Base64Url.GetEncodedLength(SHA256.HashSizeInBytes)];
        Base64Url.EncodeToUtf8(hash, text);
        text[..Length].CopyTo(destination);
    }
}
