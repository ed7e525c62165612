using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Takes in what a poll brought, as far as there is room. What has no room is read again later; its partition pauses until then.</summary>
/// <param name="reader">Reads the partitions.</param>
/// <param name="owned">Those that are this member's.</param>
/// <param name="composer">Gets the records.</param>
/// <param name="room">What may be held.</param>
internal sealed class Intake(ILogReader reader, OwnedPartitions owned, RecordComposer composer, DeliveryRoom room)
{
    /// <summary>Where partitions are read again that had no room.</summary>
    private readonly Dictionary<TopicPartition, long> _rest = [];
    private readonly HashSet<TopicPartition> _gone = [];
    private readonly List<PartitionPosition> _next = [];

    /// <summary>Where a partition goes on whose position the log does not hold any more.</summary>
    public required Func<PartitionProgress, long> GoOnAt { get; init; }

    public void Take(RecordBatch batch, long now)
    {
        for (var i = 0; i < batch.Records.Length; i++)
        {
            ref readonly var record = ref batch.Records[i];
            var partition = new TopicPartition(record.Topic, record.Partition);
            if (owned.Find(partition) is not { } progress || _rest.ContainsKey(partition) || progress.TryPass(record.Offset, now))
                continue;
            if (room.Admits(progress, record.Offset, record.Value.Length))
                composer.Take(batch, i, progress, now);
            else
                _rest.Add(partition, record.Offset);
        }

        foreach (var signal in batch.Signals)
        {
            var partition = new TopicPartition(signal.Topic, signal.Partition);
            if (owned.Find(partition) is not { } progress || _rest.ContainsKey(partition))
                continue;
            if (signal.Kind == PartitionSignalKind.EndOfPartition)
                progress.Reach(signal.Offset);
            else
                _gone.Add(partition);
        }

        GoOn();
        ReadAgain();
    }

    /// <summary>Lets paused partitions go on once there is room for a good deal.</summary>
    public void Resume() => owned.Resume(reader, room.IsAmple);

    /// <summary>A partition stays among those that are gone until the log has answered where it goes on.</summary>
    private void GoOn()
    {
        foreach (var partition in _gone)
        {
            if (owned.Find(partition) is { } progress)
                _next.Add(new(partition.Topic, partition.Partition, GoOnAt(progress)));
            _gone.Remove(partition);
        }
    }

    private void ReadAgain()
    {
        if (_rest.Count + _next.Count == 0)
            return;
        foreach (var (partition, offset) in _rest)
            _next.Add(new(partition.Topic, partition.Partition, offset));
        reader.Seek(_next);
        owned.Pause(reader, _rest.Keys);
        _rest.Clear();
        _next.Clear();
    }
}
