using System.Runtime.InteropServices;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Memory;

/// <summary>
/// A log in memory for simulations on one thread: same seed, same run. It hands out small batches, lets transactions fail as
/// its faults say, takes an offset for each commit marker as Kafka does, and overwrites borrowed memory as soon as it may.
/// </summary>
/// <remarks>A group has one member at a time, which owns everything.</remarks>
public sealed class MemoryLog(MemoryFaults faults) : ILog, ILogAdmin
{
    private readonly Dictionary<string, MemoryPartition[]> _topics = [];
    private readonly Dictionary<string, TopicSpec> _specs = [];
    private readonly Dictionary<(string Group, TopicPartition Partition), CommittedPosition> _committed = [];
    private readonly Dictionary<string, int> _epochs = [];

    public ILogAdmin Admin => this;

    /// <summary>Called after each poll of a group's member; true if it found nothing and was ready to wait for more.</summary>
    public Action<bool>? WhenPolled { get; set; }

    internal MemoryFaults Faults => faults;

    /// <summary>Readers that are members of groups at the moment.</summary>
    internal int Members { get; set; }

    public void Create(TopicSpec topic)
    {
        if (_specs.TryAdd(topic.Name, topic))
            _topics[topic.Name] = [.. Enumerable.Range(0, topic.PartitionCount).Select(_ => new MemoryPartition())];
    }

    /// <summary>Puts a record there outside of any transaction, at an offset of its own.</summary>
    public void Put(string topic, int partition, long offset, byte[]? key, byte[]? value, params (string Name, byte[]? Value)[] headers) =>
        Find(topic)[partition].Add(offset, new(key, value, headers));

    public ILogReader OpenReader(ReaderOptions options) => new MemoryReader(this, options.Group);

    public ILogWriter OpenWriter(string transactionalId)
    {
        faults.MayCrash();
        return new MemoryWriter(this, transactionalId, _epochs[transactionalId] = _epochs.GetValueOrDefault(transactionalId) + 1);
    }

    public Task<TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation) => Task.FromResult(
        _specs.TryGetValue(topic, out var spec) ? new TopicDescription(topic, spec.PartitionCount, spec.Cleanup, spec.Retention) : null);

    public Task CreateAsync(TopicSpec topic, CancellationToken cancellation)
    {
        Create(topic);
        return Task.CompletedTask;
    }

    public Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation) =>
        Task.FromResult<long[]>([.. Find(topic).Select(partition => partition.End)]);

    public Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation) =>
        Task.FromResult<CommittedPosition[]>([.. Find(topic).Select((_, partition) => Committed(group, new(topic, partition)))]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal MemoryPartition[] Find(string topic) => _topics.TryGetValue(topic, out var partitions) ? partitions : throw new LogException($"there is no topic {topic}");

    internal CommittedPosition Committed(string group, TopicPartition partition) =>
        _committed.GetValueOrDefault((group, partition), new(partition.Topic, partition.Partition, CommittedPosition.None, ""));

    internal void Commit(string group, IEnumerable<CommittedPosition> positions)
    {
        foreach (var position in positions)
            _committed[(group, position.TopicPartition)] = position;
    }

    internal bool IsFenced(string transactionalId, int epoch) => _epochs[transactionalId] != epoch;
}

/// <summary>A record in owned memory.</summary>
internal sealed record MemoryRecord(byte[]? Key, byte[]? Value, (string Name, byte[]? Value)[] Headers);

/// <summary>Records by offset; offsets may have gaps, where markers are.</summary>
internal sealed class MemoryPartition
{
    private readonly List<(long Offset, MemoryRecord Record)> _records = [];

    /// <summary>The offset after the last record or marker.</summary>
    public long End { get; private set; }

    public void Add(long offset, MemoryRecord record)
    {
        if (offset < End)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"the partition ends at {End}");
        _records.Add((offset, record));
        End = offset + 1;
    }

    public void Append(MemoryRecord record) => Add(End, record);

    public void AppendMarker() => End++;

    public IEnumerable<(long Offset, MemoryRecord Record)> From(long offset)
    {
        var index = _records.BinarySearch((offset, null!), Comparer<(long Offset, MemoryRecord Record)>.Create((left, right) => left.Offset.CompareTo(right.Offset)));
        return CollectionsMarshal.AsSpan(_records)[(index < 0 ? ~index : index)..].ToArray();
    }
}
