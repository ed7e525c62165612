using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>The partitions that a lane was given and that are not restored yet. Of the lane's own thread, as the lane's map of what it owns.</summary>
internal sealed class ComingPartitions(ILog log, string group, LaneLife life, LogWait wait) : IDisposable
{
    private readonly Dictionary<TopicPartition, PartitionRestore> _restores = [];

    public int Count => _restores.Count;

    public void Add(TopicPartition partition, IStateRestore? state)
    {
        var restore = new PartitionRestore(log, group, partition, state, new(life.Chance.Next()));
        _restores.Add(partition, restore);
        life.Restores.Start(restore);
    }

    /// <summary>Those that are done, each once.</summary>
    public IReadOnlyList<PartitionRestore> TakeDone()
    {
        if (_restores.Count == 0)
            return [];
        var done = _restores.Values.Where(restore => restore.IsDone).ToArray();
        foreach (var restore in done)
            _restores.Remove(restore.Partition);
        Report();
        return done;
    }

    /// <summary>True if the partition was still to come: its restore is cut short, and whatever it found is nobody's concern.</summary>
    public bool Remove(TopicPartition partition)
    {
        if (!_restores.Remove(partition, out var restore))
            return false;
        restore.Cut();
        Report();
        return true;
    }

    public void Dispose()
    {
        foreach (var restore in _restores.Values)
            restore.Cut();
        life.Restores.Dispose();
    }

    private void Report() => wait.RestoreWaits(_restores.Values.Select(restore => restore.WaitingFor).FirstOrDefault(reason => reason is not null));
}
