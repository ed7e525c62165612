using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// Writes dead letters (<c>docs/spec/inputs.md</c> §3): key, value and headers as they came, and the <c>dlq.*</c> headers. What
/// would not fit into a record is cut, and its full length and hash are said.
/// </summary>
public sealed class DeadLetterOutput(PipelineTopics topics, string service, TimeProvider time)
{
    /// <summary>What is kept of a value that was too large in the first place.</summary>
    public const int TooLargeValueBytesMax = 64 * 1024;

    /// <summary>What is kept of a key, and of the original headers together, so that most of the room is the value's.</summary>
    private const int KeyBytesMax = 256 * 1024;

    private const int OriginalHeadersBytesMax = 256 * 1024;

    private const int DetailCharactersMax = 500;

    /// <summary>Room for our own headers and for the log's frame of a record.</summary>
    private const int OverheadBytes = 8 * 1024;

    private const int HeaderOverheadBytes = 16;

    /// <summary>Writes a record of the batch that is given up as a whole.</summary>
    public void Append(LaneOutput output, RecordBatch batch, int index, DeadLetterReason reason, string detail)
    {
        var record = batch.Records[index];
        Append(output, batch, index, record.IsTombstone ? Bytes.Null : record.Value, reason, detail, entry: null);
    }

    /// <summary>Writes one entry of a record that is a batch itself.</summary>
    public void AppendEntry(LaneOutput output, RecordBatch batch, int index, ReadOnlySpan<byte> value, int entry, DeadLetterReason reason, string detail) =>
        Append(output, batch, index, value, reason, detail, entry);

    private void Append(LaneOutput output, RecordBatch batch, int index, Bytes value, DeadLetterReason reason, string detail, int? entry)
    {
        var record = batch.Records[index];
        var topic = output.Topic(topics.DeadLetters.Name);
        var headers = new RecordHeaders();
        var headerBytes = CopyOriginal(batch, index, headers);
        headers.Add(DeadLetterHeaders.Reason, DeadLetterReasons.Name(reason));
        headers.Add(DeadLetterHeaders.Detail, detail.Length <= DetailCharactersMax ? detail : detail[..DetailCharactersMax]);
        headers.Add(DeadLetterHeaders.Topic, record.Topic);
        headers.Add(DeadLetterHeaders.Partition, Text(record.Partition));
        headers.Add(DeadLetterHeaders.Offset, Text(record.Offset));
        if (entry is { } place)
            headers.Add(DeadLetterHeaders.Entry, Text(place));
        headers.Add(DeadLetterHeaders.Service, service);
        headers.Add(DeadLetterHeaders.At, Instant.ToRfc3339(time.GetUtcNow().ToUnixTimeMilliseconds()));

        var key = record.Key[..Math.Min(record.Key.Length, KeyBytesMax)];
        var room = topics.DeadLetters.RecordBytesMax - OverheadBytes - key.Length - headerBytes;
        var kept = Math.Min(value.Span.Length, reason == DeadLetterReason.TooLarge ? TooLargeValueBytesMax : room);
        if (kept < value.Span.Length || reason == DeadLetterReason.TooLarge)
        {
            headers.Add(DeadLetterHeaders.Length, Text(value.Span.Length));
            headers.Add(DeadLetterHeaders.Sha256, Convert.ToHexStringLower(SHA256.HashData(value.Span)));
        }

        var partition = record.HasKey ? topic.PartitionOf(key) : record.Partition % topic.PartitionCount;
        output.Append(topic, partition, record.HasKey ? key : Bytes.Null, value.IsNull ? Bytes.Null : value.Span[..kept], headers);
    }

    /// <summary>Copies the headers that the record came with, but for those of an earlier life as a dead letter; answers their size.</summary>
    private static int CopyOriginal(RecordBatch batch, int index, RecordHeaders headers)
    {
        var bytes = 0;
        var count = batch.HeaderCountOf(index);
        for (var i = 0; i < count; i++)
        {
            var header = batch.HeaderOf(index, i);
            var name = Encoding.UTF8.GetString(header.Name);
            var size = header.Name.Length + header.Value.Length + HeaderOverheadBytes;
            if (name.StartsWith(DeadLetterHeaders.Prefix, StringComparison.Ordinal) || bytes + size > OriginalHeadersBytesMax)
                continue;
            bytes += size;
            if (header.HasValue)
                headers.Add(name, header.Value);
            else
                headers.AddNull(name);
        }

        return bytes;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
