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

    /// <summary>The headers of a record of the batch, copied as they came.</summary>
    public static RecordHeaders HeadersOf(RecordBatch batch, int index)
    {
        var headers = new RecordHeaders();
        var count = batch.HeaderCountOf(index);
        for (var i = 0; i < count; i++)
        {
            var header = batch.HeaderOf(index, i);
            var name = System.Text.Encoding.UTF8.GetString(header.Name);
            if (header.HasValue)
                headers.Add(name, header.Value);
            else
                headers.AddNull(name);
        }

        return headers;
    }

    /// <summary>Adds why the record was given up, and where it stood. <paramref name="entry"/> is its place in a batch of a producer's, or null.</summary>
    public static RecordHeaders Explain(RecordHeaders headers, DeadLetterReason reason, string detail, in LogRecord record, string service, DateTimeOffset at, int? entry = null)
    {
        headers.Add(DeadLetterHeaders.Reason, DeadLetterReasons.Name(reason))
            .Add(DeadLetterHeaders.Detail, detail)
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
