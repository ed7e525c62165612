using System.Runtime.CompilerServices;
using System.Text;

namespace CohortPipeline.Log.Embedded.Batches;

/// <summary>Writes one batch: records go in, <see cref="Seal"/> hands the finished buffer out.</summary>
internal sealed unsafe class BatchBuilder
{
    private BatchBuffer? _buffer;
    private int _capacity;
    private int _records;

    public bool IsEmpty => _records == 0;

    public int Bytes => _buffer?.Length ?? 0;

    public static int BytesOf(Bytes key, Bytes value, RecordHeaders? headers) =>
        checked(sizeof(RecordHeader) + key.Span.Length + value.Span.Length + HeadersLength(headers));

    public void Append(Bytes key, Bytes value, RecordHeaders? headers)
    {
        var keySpan = key.Span;
        var valueSpan = value.Span;
        var headersLength = HeadersLength(headers);
        var buffer = _buffer ?? Begin();
        var at = buffer.Extend(sizeof(RecordHeader) + keySpan.Length + valueSpan.Length + headersLength);
        Unsafe.WriteUnaligned(at, new RecordHeader
        {
            OffsetDelta = _records++,
            KeyLength = key.IsNull ? BatchFormat.NullLength : keySpan.Length,
            ValueLength = value.IsNull ? BatchFormat.NullLength : valueSpan.Length,
            HeadersLength = headersLength,
        });
        at += sizeof(RecordHeader);
        keySpan.CopyTo(new Span<byte>(at, keySpan.Length));
        at += keySpan.Length;
        valueSpan.CopyTo(new Span<byte>(at, valueSpan.Length));
        if (headersLength > 0)
            WriteHeaders(at + valueSpan.Length, headers!);
    }

    /// <summary>The finished batch, still without its place in the partition (<see cref="Batch.PlaceAt"/>). The builder is empty again.</summary>
    public Batch Seal(long timestamp)
    {
        var buffer = _buffer ?? throw new InvalidOperationException("an empty batch is never written");
        Unsafe.WriteUnaligned(buffer.Bytes, new BatchHeader
        {
            Magic = BatchFormat.Magic,
            Bytes = buffer.Length,
            Timestamp = timestamp,
            RecordCount = _records,
            OffsetSpan = _records,
            Hash = BatchFormat.HashOf(buffer.Bytes, buffer.Length),
        });
        var batch = new Batch(buffer, _records, timestamp);
        // The next batch is likely as large as this one.
        _capacity = buffer.Length + (buffer.Length / 8);
        _buffer = null;
        _records = 0;
        return batch;
    }

    public void Clear()
    {
        _buffer?.Release();
        _buffer = null;
        _records = 0;
    }

    private BatchBuffer Begin()
    {
        _buffer = new BatchBuffer(_capacity);
        _buffer.Extend(sizeof(BatchHeader));
        return _buffer;
    }

    private static int HeadersLength(RecordHeaders? headers)
    {
        if (headers is null || headers.IsEmpty)
            return 0;
        var length = headers.Timestamp is null ? sizeof(int) : sizeof(int) + sizeof(long);
        for (var index = 0; index < headers.Count; index++)
        {
            var (name, value) = headers[index];
            length = checked(length + (2 * sizeof(int)) + Encoding.UTF8.GetByteCount(name) + (value?.Length ?? 0));
        }

        return length;
    }

    private static void WriteHeaders(byte* at, RecordHeaders headers)
    {
        Unsafe.WriteUnaligned(at, headers.Timestamp is null ? headers.Count : headers.Count | BatchFormat.TimestampFlag);
        at += sizeof(int);
        if (headers.Timestamp is { } timestamp)
        {
            Unsafe.WriteUnaligned(at, timestamp);
            at += sizeof(long);
        }

        for (var index = 0; index < headers.Count; index++)
        {
            var (name, value) = headers[index];
            var nameLength = Encoding.UTF8.GetByteCount(name);
            Unsafe.WriteUnaligned(at, nameLength);
            Unsafe.WriteUnaligned(at + sizeof(int), value?.Length ?? BatchFormat.NullLength);
            at += 2 * sizeof(int);
            Encoding.UTF8.GetBytes(name, new Span<byte>(at, nameLength));
            at += nameLength;
            value.AsSpan().CopyTo(new Span<byte>(at, value?.Length ?? 0));
            at += value?.Length ?? 0;
        }
    }
}

/// <summary>A finished batch in a buffer of its own.</summary>
internal sealed unsafe class Batch(BatchBuffer buffer, int offsetSpan, long timestamp)
{
    public BatchBuffer Buffer { get; } = buffer;

    public long BaseOffset { get; private set; }

    public long EndOffset => BaseOffset + OffsetSpan;

    public int OffsetSpan { get; } = offsetSpan;

    public long Timestamp { get; } = timestamp;

    public ReadOnlySpan<byte> Data => new(Buffer.Bytes, Buffer.Length);

    /// <summary>Gives its records their offsets; the hash leaves the header out, so that this costs nothing.</summary>
    public void PlaceAt(long baseOffset)
    {
        BaseOffset = baseOffset;
        ref var header = ref Unsafe.AsRef<BatchHeader>(Buffer.Bytes);
        header.BaseOffset = baseOffset;
    }
}
