using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// A call of PutRecords as JSON, written into rented memory:
/// <c>{"Records": [{"Data": base64, "PartitionKey": s}], "StreamARN" or "StreamName": s}</c>.
/// </summary>
/// <remarks>
/// <see cref="Return"/> is for a call that was answered. The memory of any other is left to the collector: a call that was given
/// up may still be on its way out of it.
/// </remarks>
internal sealed class PutRecordsBody : IBufferWriter<byte>
{
    /// <summary>Names, quotes and commas of a record.</summary>
    private const int RecordOverheadBytes = 64;

    /// <summary>The stream, and what is around the records.</summary>
    private const int CallOverheadBytes = 2_048;

    /// <summary>The most that a byte of a key takes, escaped.</summary>
    private const int EscapedBytesMax = 6;

    private readonly byte[] _buffer;
    private int _length;

    private PutRecordsBody(int bytesMax) => _buffer = ArrayPool<byte>.Shared.Rent(bytesMax);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    public static PutRecordsBody Write(DeliveryRequest request, KinesisDestination destination)
    {
        var bytesMax = CallOverheadBytes;
        foreach (var record in request.Records)
            bytesMax += System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(record.Data.Length) + (EscapedBytesMax * record.Key.Length) + RecordOverheadBytes;
        var body = new PutRecordsBody(bytesMax);
        using var json = new Utf8JsonWriter(body, JsonText.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("Records"u8);
        foreach (var record in request.Records)
        {
            json.WriteStartObject();
            json.WriteBase64String("Data"u8, record.Data.Span);
            json.WriteString("PartitionKey"u8, record.Key);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (destination.StreamArn is { } arn)
            json.WriteString("StreamARN"u8, arn);
        else
            json.WriteString("StreamName"u8, destination.Stream);
        json.WriteEndObject();
        json.Flush();
        return body;
    }

    public void Return() => ArrayPool<byte>.Shared.Return(_buffer);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.AsSpan(_length);
}
