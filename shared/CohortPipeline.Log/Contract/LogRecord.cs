namespace CohortPipeline.Log;

/// <summary>
/// A record as it lies in the log's own memory. It is borrowed: it is valid until the next call of
/// <see cref="ILogReader.Poll"/>, <see cref="ILogReader.Seek"/> or <see cref="IDisposable.Dispose"/> of its reader.
/// </summary>
public readonly unsafe struct LogRecord(string topic, int partition, long offset, byte* key, int keyLength, byte* value, int valueLength)
{
    private readonly byte* _key = key;
    private readonly byte* _value = value;
    private readonly int _keyLength = keyLength;
    private readonly int _valueLength = valueLength;

    public string Topic { get; } = topic;

    public int Partition { get; } = partition;

    public long Offset { get; } = offset;

    /// <summary>False for a record without a key; an empty key is a key.</summary>
    public bool HasKey => _key != null;

    public ReadOnlySpan<byte> Key => new(_key, _keyLength);

    /// <summary>True for a record without a value: in a compacted topic, the deletion of its key.</summary>
    public bool IsTombstone => _value == null;

    public ReadOnlySpan<byte> Value => new(_value, _valueLength);
}

/// <summary>A header of a record: borrowed, as the record is. A null value is told from an empty one by <see cref="HasValue"/>.</summary>
public readonly ref struct LogHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue = true)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;

    public bool HasValue { get; } = hasValue;
}

/// <summary>
/// What one poll brought: records, in order for each partition, and signals. The object is the reader's own and is used
/// again by the next poll.
/// </summary>
public abstract class RecordBatch
{
    public abstract ReadOnlySpan<LogRecord> Records { get; }

    /// <summary>Signals hold after the records of the same poll.</summary>
    public abstract ReadOnlySpan<PartitionSignal> Signals { get; }

    /// <summary>The record's timestamp in epoch milliseconds; -1 if it has none. <paramref name="index"/> is its place in <see cref="Records"/>.</summary>
    public abstract long TimestampOf(int index);

    public abstract int HeaderCountOf(int index);

    public abstract LogHeader HeaderOf(int index, int header);

    /// <summary>The last header of that name; false if the record has none.</summary>
    public bool TryGetHeader(int index, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var header = HeaderCountOf(index) - 1; header >= 0; header--)
        {
            var found = HeaderOf(index, header);
            if (found.Name.SequenceEqual(name))
            {
                value = found.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}

public enum PartitionSignalKind
{
    /// <summary>Everything committed so far was read; <see cref="PartitionSignal.Offset"/> is the next to read, markers counted.</summary>
    EndOfPartition,

    /// <summary>The position lies outside of what the partition holds: retention has passed it, or it was never there.</summary>
    OffsetGone,
}

/// <summary>Something about a partition that is not a record.</summary>
public readonly record struct PartitionSignal(PartitionSignalKind Kind, string Topic, int Partition, long Offset);
