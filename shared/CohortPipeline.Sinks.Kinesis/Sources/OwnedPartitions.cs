using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>The partitions that this member delivers, and which of them are paused.</summary>
internal sealed class OwnedPartitions
{
    private readonly Dictionary<TopicPartition, PartitionProgress> _owned = [];
    private readonly HashSet<TopicPartition> _paused = [];

    public IEnumerable<PartitionProgress> All => _owned.Values;

    public int Count => _owned.Count;

    public void Add(PartitionProgress progress) => _owned.Add(progress.Partition, progress);

    public PartitionProgress? Find(TopicPartition partition) => _owned.GetValueOrDefault(partition);

    public PartitionProgress? Remove(TopicPartition partition)
    {
        _paused.Remove(partition);
        return _owned.Remove(partition, out var progress) ? progress : null;
    }

    /// <summary>Pauses those of <paramref name="partitions"/> that are not.</summary>
    public void Pause(ILogReader reader, IEnumerable<TopicPartition> partitions)
    {
        var added = partitions.Where(_paused.Add).ToArray();
        if (added.Length > 0)
            reader.Pause(added);
    }

    /// <summary>Resumes those that are paused and of which <paramref name="canResume"/> says so.</summary>
    public void Resume(ILogReader reader, Func<PartitionProgress, bool> canResume)
    {
        if (_paused.Count == 0)
            return;
        var resumed = _paused.Where(partition => canResume(_owned[partition])).ToArray();
        if (resumed.Length == 0)
            return;
        reader.Resume(resumed);
        _paused.ExceptWith(resumed);
    }
}
