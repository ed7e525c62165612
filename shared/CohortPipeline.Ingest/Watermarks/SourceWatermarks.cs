using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>
/// Up to when each source partition of a lane was read (<c>docs/spec/inputs.md</c> §6). The lane says where it stands and what
/// the partitions' ends were at an instant; a partition whose end at instant T was reached is covered up to T. Pure.
/// </summary>
public sealed class SourceWatermarks
{
    private readonly Dictionary<TopicPartition, SourcePartition> _partitions = [];
    private readonly Dictionary<string, int> _partitionCounts = [];
    private SourcePartition? _last;

    /// <summary>The topics of which this lane owns a partition.</summary>
    public IEnumerable<string> Topics => _partitions.Keys.Select(partition => partition.Topic).Distinct();

    /// <param name="partition">Is the lane's from now on.</param>
    /// <param name="position">Where it is read from; null where nothing says so before the first record or end of partition.</param>
    public void Add(TopicPartition partition, long? position) => _partitions.Add(partition, new(partition, position ?? SourcePartition.Unknown));

    public void Remove(TopicPartition partition)
    {
        _partitions.Remove(partition);
        _last = null;
    }

    /// <summary>A record was read, and what came of it is in the open transaction.</summary>
    public void Read(string topic, int partition, long offset)
    {
        if (_last is null || _last.Partition.Partition != partition || _last.Partition.Topic != topic)
            _last = _partitions[new(topic, partition)];
        _last.Position = offset + 1;
    }

    /// <summary>Everything up to <paramref name="offset"/> was read: behind the last record there are transaction markers only.</summary>
    public void ReachedEnd(TopicPartition partition, long offset)
    {
        if (_partitions.TryGetValue(partition, out var source))
            source.ReachEnd(offset);
    }

    /// <summary>The answer to a question asked at <paramref name="instant"/> or later: where the partitions of a topic end.</summary>
    public void Ends(string topic, long instant, ReadOnlySpan<long> ends)
    {
        _partitionCounts[topic] = ends.Length;
        foreach (var source in _partitions.Values)
        {
            if (source.Partition.Topic == topic && source.Partition.Partition < ends.Length)
                source.Aim(instant, ends[source.Partition.Partition]);
        }
    }

    /// <summary>
    /// What was covered since the last call: a watermark for each topic, its partitions in order. It belongs into the open
    /// transaction, behind all that was read.
    /// </summary>
    public IReadOnlyList<SourceWatermark> Take()
    {
        List<SourceWatermark>? watermarks = null;
        foreach (var source in _partitions.Values)
        {
            if (!source.TryCover(out var instant))
                continue;
            watermarks ??= [];
            var watermark = watermarks.Find(candidate => candidate.Topic == source.Partition.Topic);
            if (watermark is null)
                watermarks.Add(watermark = new(source.Partition.Topic, _partitionCounts[source.Partition.Topic]));
            watermark.Read.Add(source.Partition.Partition, instant);
        }

        return watermarks ?? (IReadOnlyList<SourceWatermark>)[];
    }

    /// <summary>How far each partition is behind, as of the last answer: records to read, and its last covered instant (null: none yet).</summary>
    public IEnumerable<(TopicPartition Partition, long Records, long? Covered)> Behind()
    {
        foreach (var source in _partitions.Values)
            yield return (source.Partition, source.Behind, source.Covered);
    }

    /// <summary>What was read and taken is committed.</summary>
    public void Promote()
    {
        foreach (var source in _partitions.Values)
            source.CommittedPosition = source.Position;
    }

    /// <summary>
    /// What was read since the last commit is read again. A watermark that was taken meanwhile is not written again: the
    /// next one says more.
    /// </summary>
    public void Drop()
    {
        foreach (var source in _partitions.Values)
            source.Position = source.CommittedPosition;
    }
}

/// <summary>A watermark record in the making: the instant up to which each of these partitions of the topic was read.</summary>
/// <param name="Topic">The source topic.</param>
/// <param name="PartitionCount">How many partitions the topic has.</param>
public sealed record SourceWatermark(string Topic, int PartitionCount)
{
    public SortedList<int, long> Read { get; } = [];
}
