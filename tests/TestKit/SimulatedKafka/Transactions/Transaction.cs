using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;

namespace CohortPipeline.TestKit.SimulatedKafka.Transactions;

/// <summary>One transaction as its coordinator has it: open, then decided, then over once every partition has its marker.</summary>
public sealed class Transaction
{
    private readonly List<SimulatedPartition> _partitions = [];
    private readonly List<SimulatedGroup> _groups = [];
    private int _markersMissing;

    internal Transaction(string transactionalId) => TransactionalId = transactionalId;

    public string TransactionalId { get; }

    /// <summary>True once it is decided that it stands.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>False while it may still end either way.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>Every partition has its marker.</summary>
    public bool IsOver => IsDecided && _markersMissing == 0;

    /// <summary>What it wrote, partition by partition, in order.</summary>
    public IEnumerable<(TopicPartition Partition, SimulatedRecord Record)> Records =>
        _partitions.SelectMany(partition => partition.RecordsOf(this).Select(record => (partition.Place, record)));

    internal void Join(SimulatedPartition partition)
    {
        if (!_partitions.Contains(partition))
            _partitions.Add(partition);
    }

    internal void Join(SimulatedGroup group)
    {
        if (!_groups.Contains(group))
            _groups.Add(group);
    }

    internal void Decide(bool isCommitted, Broker broker)
    {
        IsDecided = true;
        IsCommitted = isCommitted;
        if (isCommitted)
            broker.WhenCommitted?.Invoke(this);
        _markersMissing = _partitions.Count + _groups.Count;
        foreach (var partition in _partitions)
            broker.WriteMarker(partition.Place, () => partition.Mark(this), this);
        foreach (var group in _groups)
            broker.WriteMarker(null, () => group.Mark(this), this);
    }

    internal void Marked() => _markersMissing--;
}
