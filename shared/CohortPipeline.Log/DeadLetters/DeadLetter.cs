using System.Globalization;
using System.Security.Cryptography;
using CohortPipeline.Contracts;

namespace CohortPipeline.Log;

/// <summary>Makes dead letters: key, value and headers as they came, and beside them why (<c>docs/spec/inputs.md</c> §3).</summary>
public static class DeadLetter
{
    /// <summary>A value too large to be written whole is cut to this, with its length and SHA-256 in headers.</summary>
    public const int CutValueBytes = 64 * 1024;

    /// <summary>A value up to this is written as it came; our topics allow 2 MiB a record, key and headers included.</summary>
    public const int WholeValueBytesMax = TopicSpec.DefaultRecordBytesMax - (256 * 1024);

    /// <summary>What is kept of a key, and of the original headers together: with our own headers they fit beside a whole value.</summary>
    public const int KeyBytesMax = 128 * 1024;

    public const int OriginalHeadersBytesMax = 96 * 1024;

    private const int HeaderOverheadBytes = 16;

    private const int DetailCharactersMax = 500;

    /// <summary>The key of the record, cut to <see cref="KeyBytesMax"/>.</summary>
    public static Bytes KeyOf(in LogRecord record) =>
        record.HasKey ? record.Key[..Math.Min(record.Key.Length, KeyBytesMax)] : Bytes.Null;

    /// <summary>
    /// The headers of a record of the batch, copied as they came, as many as <see cref="OriginalHeadersBytesMax"/> allows;
    /// those of an earlier life as a dead letter are left out.
    /// </summary>
    public static RecordHeaders HeadersOf(RecordBatch batch, int index)
    {
        var headers = new RecordHeaders();
        var bytes = 0;
        var count = batch.HeaderCountOf(index);
        for (var i = 0; i < count; i++)
        {
            var header = batch.HeaderOf(index, i);
            var name = System.Text.Encoding.UTF8.GetString(header.Name);
            var size = header.Name.Length + header.Value.Length + HeaderOverheadBytes;
            if (name.StartsWith(DeadLetterHeaders.Prefix, StringComparison.Ordinal) || bytes + size > OriginalHeadersBytesMax)
                continue;
            bytes += size;
            if (header.HasValue)
                headers.Add(name, header.Value);
            else
                headers.AddNull(name);
        }

        return headers;
    }

    /// <summary>Adds why the record was given up, and where it stood. <paramref name="entry"/> is its place in a batch of a producer's, or null.</summary>
    public static RecordHeaders Explain(RecordHeaders headers, DeadLetterReason reason, string detail, in LogRecord record, string service, DateTimeOffset at, int? entry = null) =>
        Explain(headers, reason, detail, new PartitionPosition(record.Topic, record.Partition, record.Offset), service, at, entry);

    /// <summary>The same for a record whose batch is gone.</summary>
    public static RecordHeaders Explain(RecordHeaders headers, DeadLetterReason reason, string detail, in PartitionPosition record, string service, DateTimeOffset at, int? entry = null)
    {
        headers.Add(DeadLetterHeaders.Reason, DeadLetterReasons.Name(reason))
            .Add(DeadLetterHeaders.Detail, detail.Length <= DetailCharactersMax ? detail : detail[..DetailCharactersMax])
            .Add(DeadLetterHeaders.Topic, record.Topic)
            .Add(DeadLetterHeaders.Partition, record.Partition.ToString(CultureInfo.InvariantCulture))
            .Add(DeadLetterHeaders.Offset, record.Offset.ToString(CultureInfo.InvariantCulture))
            .Add(DeadLetterHeaders.Service, service)
            .Add(DeadLetterHeaders.At, Instant.ToRfc3339(at.ToUnixTimeMilliseconds()));
        if (entry is { } place)
            headers.Add(DeadLetterHeaders.Entry, place.ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    /// <summary>The value as it is written: whole, or cut with its length and SHA-256 added to the headers.</summary>
    public static ReadOnlySpan<byte> Fit(ReadOnlySpan<byte> value, DeadLetterReason reason, RecordHeaders headers)
    {
        if (value.Length <= (reason == DeadLetterReason.TooLarge ? CutValueBytes : WholeValueBytesMax))
            return value;
        headers.Add(DeadLetterHeaders.Length, value.Length.ToString(CultureInfo.InvariantCulture))
            .Add(DeadLetterHeaders.Sha256, Convert.ToHexStringLower(SHA256.HashData(value)));
        return value[..CutValueBytes];
    }
}
