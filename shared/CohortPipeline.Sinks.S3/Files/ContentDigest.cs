using System.IO.Hashing;
using System.Security.Cryptography;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>What manifest and store are told of an object's bytes: how many, SHA-256 in lower-case hex, CRC64NVME as S3 writes it.</summary>
public readonly record struct ContentDigest(long Bytes, string Sha256, string Crc64Nvme)
{
    public static ContentDigest Of(ReadOnlySpan<byte> bytes) => new(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), Checksum.Of(bytes));
}

/// <summary>A digest of bytes as they come.</summary>
internal sealed class RunningDigest : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Crc64 _crc = new(Crc64ParameterSet.Nvme);
    private long _bytes;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _crc.Append(bytes);
        _bytes += bytes.Length;
    }

    public ContentDigest Read() => new(_bytes, Convert.ToHexStringLower(_sha256.GetCurrentHash()), Checksum.TextOf(_crc));

    public void Clear()
    {
        _sha256.GetHashAndReset();
        _crc.Reset();
        _bytes = 0;
    }

    public void Dispose() => _sha256.Dispose();
}

/// <summary>CRC64NVME as S3 writes it: base64 of the eight bytes, big-endian.</summary>
public static class Checksum
{
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        crc.Append(bytes);
        return TextOf(crc);
    }

    public static async Task<string> OfAsync(Stream stream, CancellationToken cancellation)
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        await crc.AppendAsync(stream, cancellation).ConfigureAwait(false);
        return TextOf(crc);
    }

    internal static string TextOf(Crc64 crc)
    {
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(hash);
    }
}
