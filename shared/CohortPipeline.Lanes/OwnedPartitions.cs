using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// The lane's own map of what it owns, kept by the rebalance handlers on the lane's thread: only partitions in it are ever
/// committed, since a broker accepts fresh group metadata even for a partition that another lane owns.
/// </summary>
internal sealed class OwnedPartitions
{
    private readonly Dictionary<TopicPartition, OwnedPartition> _partitions = [];

    public int Count => _partitions.Count;

    public IEnumerable<OwnedPartition> All => _partitions.Values;

    public void Add(TopicPartition partition, long position, long sequence) =>
        _partitions.Add(partition, new(partition, position, sequence));

    public void Remove(TopicPartition partition) => _partitions.Remove(partition);

    public OwnedPartition? Find(TopicPartition partition) => _partitions.GetValueOrDefault(partition);

    /// <summary>Moves positions behind records that were processed.</summary>
    public void Advance(ReadOnlySpan<LogRecord> records)
    {
        OwnedPartition? last = null;
        foreach (ref readonly var record in records)
        {
            if (last is null || last.Partition.Partition != record.Partition || last.Partition.Topic != record.Topic)
                last = _partitions[new(record.Topic, record.Partition)];
            if (record.Offset < last.Next)
                throw new InvalidOperationException($"{last.Partition}: read offset {record.Offset} where {last.Next} or later was expected; a record would be counted twice");
            last.Next = record.Offset + 1;
            last.IsDirty = true;
        }
    }

    /// <summary>Moves positions behind the markers that a batch ended in.</summary>
    public void Advance(ReadOnlySpan<PartitionSignal> signals)
    {
        foreach (ref readonly var signal in signals)
        {
            if (signal.Kind == PartitionSignalKind.EndOfPartition && _partitions.TryGetValue(new(signal.Topic, signal.Partition), out var owned))
                owned.Next = Math.Max(owned.Next, signal.Offset);
        }
    }

    /// <summary>True if a position moved past commit markers alone, so that no record asks for its commit.</summary>
    public bool AnyMoved()
    {
        foreach (var owned in _partitions.Values)
        {
            if (owned.Next != owned.Committed)
                return true;
        }

        return false;
    }
}

internal sealed class OwnedPartition(TopicPartition partition, long position, long sequence)
{
    public TopicPartition Partition { get; } = partition;

    /// <summary>The next offset to read.</summary>
    public long Next { get; set; } = position;

    /// <summary>Where the group stands, and where a rewind goes.</summary>
    public long Committed { get; set; } = position;

    public long Sequence { get; set; } = sequence;

    /// <summary>True if the open transaction holds something of this partition.</summary>
    public bool IsDirty { get; set; }
}
