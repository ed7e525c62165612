using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>Where a processor's outputs go: the lane's open transaction, whichever writer that is at the moment.</summary>
/// <param name="bytesMax">A transaction of so many bytes is full.</param>
public sealed class LaneOutput(long bytesMax)
{
    private readonly List<LaneTopic> _topics = [];
    private readonly HashSet<TopicPartition> _touched = [];
    private ILogWriter? _writer;
    private long _bytes;

    internal IReadOnlyCollection<TopicPartition> Touched => _touched;

    /// <summary>The transaction holds, or will at its commit, as much as one may: nothing more belongs in it.</summary>
    public bool IsFull => _bytes >= bytesMax;

    /// <summary>A topic to append to; stays valid when the lane has to open another writer.</summary>
    public LaneTopic Topic(string name)
    {
        foreach (var known in _topics)
        {
            if (known.Name == name)
                return known;
        }

        var topic = new LaneTopic(name);
        if (_writer is not null)
            topic.Current = _writer.Topic(name);
        _topics.Add(topic);
        return topic;
    }

    /// <summary>Appends a record, as <see cref="ILogWriter.Append"/> does.</summary>
    public void Append(LaneTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        _bytes += key.Span.Length + value.Span.Length;
        Writer.Append(topic.Output, partition, key, value, headers);
    }

    /// <summary>Says that so many bytes more will be appended at the commit, by <see cref="ILaneProcessor.Stage"/>: state that changed.</summary>
    public void Expect(long bytes) => _bytes += bytes;

    /// <summary>Says that the partition's state changed without a record of it being read (timers, sweeps), so that its position belongs in the commit.</summary>
    public void Touch(TopicPartition partition) => _touched.Add(partition);

    internal ILogWriter Writer => _writer ?? throw new InvalidOperationException("the lane has no writer yet");

    /// <summary>From now on what is appended goes there: the lane calls it for each writer that it opens.</summary>
    public void Use(ILogWriter writer)
    {
        _writer = writer;
        foreach (var topic in _topics)
            topic.Current = writer.Topic(topic.Name);
    }

    internal void Clear()
    {
        _touched.Clear();
        _bytes = 0;
    }
}

/// <summary>A topic that a lane appends to.</summary>
public sealed class LaneTopic
{
    internal LaneTopic(string name) => Name = name;

    public string Name { get; }

    internal OutputTopic? Current { get; set; }

    internal OutputTopic Output => Current ?? throw new InvalidOperationException($"the lane has no writer yet for {Name}");

    public int PartitionCount => Output.PartitionCount;

    public int PartitionOf(ReadOnlySpan<byte> key) => Output.PartitionOf(key);
}
