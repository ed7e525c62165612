using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>
/// A rendered object of a sync: its key, its bytes, and what the manifest and the store are told of them (SHA-256 in
/// lower-case hex, CRC64NVME as S3 writes it).
/// </summary>
public sealed record SyncObject(string Key, string ContentType, long Rows, ReadOnlyMemory<byte> Body, string Sha256, string Crc64Nvme)
{
    /// <summary>W3C <c>traceparent</c>, stored as metadata; null for none.</summary>
    public string? TraceParent { get; init; }

    public static SyncObject Of(string key, string contentType, long rows, ReadOnlyMemory<byte> body) =>
        new(key, contentType, rows, body, Convert.ToHexStringLower(SHA256.HashData(body.Span)), Checksum.Of(body.Span));
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

    private static string TextOf(Crc64 crc)
    {
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(hash, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(hash);
    }
}

/// <summary>A file that is being rendered.</summary>
internal sealed class SyncFileBuilder
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public long Rows { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Header(CsvRow row) => _bytes.Write(row.Written);

    public void Add(CsvRow row)
    {
        _bytes.Write(row.Written);
        Rows++;
    }
}
