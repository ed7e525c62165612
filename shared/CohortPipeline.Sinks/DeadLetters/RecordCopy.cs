using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>A record as it came, copied out of the log's memory, so that it outlives its batch.</summary>
public sealed class RecordCopy
{
    private RecordCopy(TopicPartition partition, long offset, byte[]? key, byte[]? value, RecordHeaders headers)
    {
        Partition = partition;
        Offset = offset;
        Key = key;
        Value = value;
        Headers = headers;
    }

    public TopicPartition Partition { get; }

    public long Offset { get; }

    public byte[]? Key { get; }

    /// <summary>Null for a tombstone.</summary>
    public byte[]? Value { get; }

    /// <summary>But for those of an earlier life as a dead letter.</summary>
    public RecordHeaders Headers { get; }

    public static RecordCopy Of(RecordBatch batch, int index)
    {
        ref readonly var record = ref batch.Records[index];
        return new(
            new(record.Topic, record.Partition),
            record.Offset,
            record.HasKey ? record.Key.ToArray() : null,
            record.IsTombstone ? null : record.Value.ToArray(),
            CopyHeaders(batch, index));
    }

    private static RecordHeaders CopyHeaders(RecordBatch batch, int index)
    {
        var headers = new RecordHeaders();
        var count = batch.HeaderCountOf(index);
        for (var i = 0; i < count; i++)
        {
            var header = batch.HeaderOf(index, i);
            var name = Encoding.UTF8.GetString(header.Name);
            if (name.StartsWith(DeadLetterHeaders.Prefix, StringComparison.Ordinal))
                continue;
            if (header.HasValue)
                headers.Add(name, header.Value);
            else
                headers.AddNull(name);
        }

        return headers;
    }
}
