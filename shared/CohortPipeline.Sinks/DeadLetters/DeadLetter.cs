using System.Globalization;
using System.Security.Cryptography;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// A record that a destination can never take, as it came, with the headers that say why. It is kept until the position that
/// passes it is committed.
/// </summary>
public sealed class DeadLetter
{
    private const int DetailCharactersMax = 500;

    /// <summary>Room in a record of the topic for headers and the log's own frame.</summary>
    private const int OverheadBytes = 16 * 1024;

    private readonly RecordCopy _record;
    private readonly int _valueBytes;

    private DeadLetter(RecordCopy record, int valueBytes)
    {
        _record = record;
        _valueBytes = valueBytes;
    }

    /// <summary>What it adds to the memory held.</summary>
    public int Bytes => (_record.Key?.Length ?? 0) + (_record.Value?.Length ?? 0) + OverheadBytes;

    /// <param name="record">The copy becomes the dead letter's own.</param>
    /// <param name="reason">One of the closed list.</param>
    /// <param name="detail">What was found and what was expected, for a person.</param>
    /// <param name="service">Who gives it up.</param>
    /// <param name="at">When.</param>
    public static DeadLetter Of(RecordCopy record, DeadLetterReason reason, string detail, string service, DateTimeOffset at)
    {
        var headers = record.Headers;
        headers.Add(DeadLetterHeaders.Reason, DeadLetterReasons.Name(reason));
        headers.Add(DeadLetterHeaders.Detail, detail.Length <= DetailCharactersMax ? detail : detail[..DetailCharactersMax]);
        headers.Add(DeadLetterHeaders.Topic, record.Partition.Topic);
        headers.Add(DeadLetterHeaders.Partition, Text(record.Partition.Partition));
        headers.Add(DeadLetterHeaders.Offset, Text(record.Offset));
        headers.Add(DeadLetterHeaders.Service, service);
        headers.Add(DeadLetterHeaders.At, Instant.ToRfc3339(at.ToUnixTimeMilliseconds()));

        var length = record.Value?.Length ?? 0;
        var kept = Math.Min(length, TopicSpec.DefaultRecordBytesMax - OverheadBytes - (record.Key?.Length ?? 0));
        if (kept < length)
        {
            headers.Add(DeadLetterHeaders.Length, Text(length));
            headers.Add(DeadLetterHeaders.Sha256, Convert.ToHexStringLower(SHA256.HashData(record.Value!)));
        }

        return new(record, kept);
    }

    /// <summary>Appends it to the topic of dead letters, in the partition of its key.</summary>
    public void Append(ILogWriter writer, OutputTopic topic) =>
        writer.Append(topic, topic.PartitionOf(_record.Key), _record.Key, _record.Value is null ? Log.Bytes.Null : Log.Bytes.From(_record.Value.AsSpan(0, _valueBytes)), _record.Headers);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
