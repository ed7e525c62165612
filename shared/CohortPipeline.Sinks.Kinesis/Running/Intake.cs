using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Takes in what a poll brought, as far as there is room: within the byte budget, and not too far ahead of the oldest unaccepted record. What has no room is read again later; its partition pauses until then.</summary>
/// <param name="reader">Reads the partitions.</param>
/// <param name="owned">Those that are this member's.</param>
/// <param name="composer">Gets the records.</param>
/// <param name="options">The bounds.</param>
/// <param name="hasRoom">Whether so many bytes more may be held.</param>
internal sealed class Intake(ILogReader reader, OwnedPartitions owned, RecordComposer composer, SinkOptions options, Predicate<long> hasRoom)
{
    /// <summary>What a composed record may have beyond twice its source: members that are always there, and what is kept beside it.</summary>
    private const int ReserveBytes = 4_096;

    /// <summary>Positions of partitions that had no room, or whose position is not in the log any more.</summary>
    private readonly Dictionary<TopicPartition, long> _rest = [];
    private readonly List<PartitionPosition> _gone = [];

    /// <summary>A partition whose position the log does not hold any more, and where it goes on.</summary>
    public Action<PartitionProgress, long> WhenGone { get; init; } = (_, _) => { };

    public void Take(RecordBatch batch, long now)
    {
        for (var i = 0; i < batch.Records.Length; i++)
        {
            ref readonly var record = ref batch.Records[i];
            var partition = new TopicPartition(record.Topic, record.Partition);
            if (owned.Find(partition) is not { } progress || _rest.ContainsKey(partition) || progress.TryPass(record.Offset, now))
                continue;
            if (Admits(progress, record.Offset, record.Value.Length))
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
                _gone.Add(GoOnAtFirst(progress));
        }

        ReadAgain();
    }

    /// <summary>Lets paused partitions go on once there is room for a good deal.</summary>
    public void Resume() => owned.Resume(reader, progress =>
        progress.IsWithin(progress.Position, options.SpanMax / 2) && hasRoom(options.BudgetBytes / 2));

    private bool Admits(PartitionProgress progress, long offset, int valueBytes) =>
        progress.IsWithin(offset, options.SpanMax) && hasRoom((2L * valueBytes) + ReserveBytes);

    private PartitionPosition GoOnAtFirst(PartitionProgress progress)
    {
        var first = reader.FirstOffset(progress.Partition);
        WhenGone(progress, first);
        progress.Reach(first);
        return new(progress.Partition.Topic, progress.Partition.Partition, first);
    }

    private void ReadAgain()
    {
        if (_rest.Count + _gone.Count == 0)
            return;
        foreach (var (partition, offset) in _rest)
            _gone.Add(new(partition.Topic, partition.Partition, offset));
        reader.Seek(_gone);
        owned.Pause(reader, _rest.Keys);
        _rest.Clear();
        _gone.Clear();
    }
}
