using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>A record as it came, copied out of the log's memory, so that it outlives its batch.</summary>
public sealed class RecordCopy
{
    private RecordCopy(PartitionPosition position, byte[]? key, byte[]? value, RecordHeaders headers)
    {
        Position = position;
        Key = key;
        Value = value;
        Headers = headers;
    }

    /// <summary>Where it stands.</summary>
    public PartitionPosition Position { get; }

    public byte[]? Key { get; }

    /// <summary>Null for a tombstone.</summary>
    public byte[]? Value { get; }

    public RecordHeaders Headers { get; }

    public static RecordCopy Of(RecordBatch batch, int index)
    {
        ref readonly var record = ref batch.Records[index];
        return new(
            new(record.Topic, record.Partition, record.Offset),
            record.HasKey ? record.Key.ToArray() : null,
            record.IsTombstone ? null : record.Value.ToArray(),
            DeadLetter.HeadersOf(batch, index));
    }
}
