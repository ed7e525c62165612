using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Memory;

/// <summary>Reads the memory log, as the group's one member or on its own.</summary>
internal sealed class MemoryReader(MemoryLog log, string group) : ILogReader
{
    private readonly SortedDictionary<(string Topic, int Partition), long> _positions = [];
    private readonly HashSet<TopicPartition> _ended = [];
    private readonly HashSet<TopicPartition> _paused = [];
    private readonly HashSet<TopicPartition> _held = [];
    private readonly MemoryBatch _batch = new();
    private IAssignmentHandler? _handler;
    private List<TopicPartition> _subscribed = [];
    private bool _isAssigned;

    public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
    {
        _subscribed = [.. topics.SelectMany(topic => log.Find(topic).Select((_, partition) => new TopicPartition(topic, partition)))];
        _handler = handler;
        log.Members++;
    }

    public void Assign(IReadOnlyList<PartitionPosition> positions)
    {
        Clear();
        Place(positions);
    }

    public RecordBatch Poll(int recordsMax, TimeSpan timeout)
    {
        _batch.Clear();
        if (_handler is not null)
        {
            log.Faults.MayCrash();
            Rebalance();
        }

        var left = log.Faults.BatchSize(recordsMax);
        foreach (var (topic, partition) in _positions.Keys.ToList())
        {
            var place = new TopicPartition(topic, partition);
            if (!_paused.Contains(place))
                left = Read(place, left);
        }

        if (_handler is not null)
            log.WhenPolled?.Invoke(_batch.IsEmpty && timeout > TimeSpan.Zero);
        return _batch;
    }

    public void Seek(IReadOnlyList<PartitionPosition> positions)
    {
        _batch.Clear();
        foreach (var position in positions)
        {
            if (!_positions.ContainsKey((position.Topic, position.Partition)) && !_held.Contains(position.TopicPartition))
                throw new InvalidOperationException($"{position.TopicPartition} is not assigned");
        }

        Place(positions);
    }

    public void Pause(IReadOnlyList<TopicPartition> partitions) => _paused.UnionWith(partitions);

    public void Resume(IReadOnlyList<TopicPartition> partitions) => _paused.ExceptWith(partitions);

    public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions)
    {
        MayBeUnavailable();
        return [.. partitions.Select(partition => log.Committed(group, partition))];
    }

    public bool Commit(IReadOnlyList<CommittedPosition> positions)
    {
        log.Commit(group, positions);
        return true;
    }

    public long FirstOffset(TopicPartition partition)
    {
        MayBeUnavailable();
        return 0;
    }

    public long EndOffset(TopicPartition partition, Isolation isolation) => log.Find(partition.Topic)[partition.Partition].End;

    public void Leave()
    {
        if (_isAssigned)
            _handler!.Revoked(_subscribed);
        _isAssigned = false;
        Clear();
    }

    public void Dispose()
    {
        _batch.Clear();
        if (_handler is not null)
            log.Members--;
        _handler = null;
    }

    internal void CommitInTransaction(IReadOnlyList<CommittedPosition> positions) => log.Commit(group, positions);

    /// <summary>The first poll brings all partitions; now and then a rebalance takes them away and brings them back.</summary>
    private void Rebalance()
    {
        if (_isAssigned && log.Faults.MayRebalance())
        {
            if (log.Faults.MayLose())
                _handler!.Lost(_subscribed);
            else
                _handler!.Revoked(_subscribed);
            _isAssigned = false;
            Clear();
        }

        if (_isAssigned)
            return;
        _held.UnionWith(_subscribed);
        _handler!.Assigned(_subscribed);
        _isAssigned = true;
    }

    /// <summary>Readers beside a group's member fail with it; those that look at the log afterwards do not.</summary>
    private void MayBeUnavailable()
    {
        if (log.Members > 0)
            log.Faults.MayBeUnavailable();
    }

    private void Clear()
    {
        _positions.Clear();
        _held.Clear();
    }

    private int Read(TopicPartition place, int left)
    {
        var content = log.Find(place.Topic)[place.Partition];
        var key = (place.Topic, place.Partition);
        foreach (var (offset, record) in content.From(_positions[key]).Take(left))
        {
            _batch.Add(place, offset, record);
            _positions[key] = offset + 1;
            left--;
        }

        if (content.From(_positions[key]).Any())
            return left;
        _positions[key] = content.End;
        if (_ended.Add(place))
            _batch.AddEnd(place, content.End);
        return left;
    }

    private void Place(IReadOnlyList<PartitionPosition> positions)
    {
        foreach (var position in positions)
        {
            _positions[(position.Topic, position.Partition)] = position.Offset;
            _ended.Remove(position.TopicPartition);
            _held.Remove(position.TopicPartition);
        }
    }
}
