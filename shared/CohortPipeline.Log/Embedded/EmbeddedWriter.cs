using CohortPipeline.Log.Embedded.Batches;
using CohortPipeline.Log.Embedded.Partitions;

namespace CohortPipeline.Log.Embedded;

internal sealed class EmbeddedWriter(EmbeddedLog log, TimeProvider time, string transactionalId) : ILogWriter
{
    /// <summary>A partition's records of one commit are cut into batches of about this size: what a reader has to take in at once.</summary>
    private const int BatchBytesMax = 4 * 1024 * 1024;

    /// <summary>What one transaction may hold in memory.</summary>
    private const long TransactionBytesMax = 512L * 1024 * 1024;

    private readonly Dictionary<string, EmbeddedOutputTopic> _topics = [];
    private readonly List<OutputPartition> _touched = [];
    private readonly List<(PartitionLog, Batch)> _batches = [];
    private long _bytes;
    private volatile bool _fenced;

    public string TransactionalId { get; } = transactionalId;

    public bool InTransaction => _touched.Count > 0;

    internal bool IsFenced => _fenced;

    public OutputTopic Topic(string name)
    {
        // One object a topic: a partition's records must stay together to keep their order.
        if (!_topics.TryGetValue(name, out var topic))
            _topics[name] = topic = new(log.TopicOf(name), this);
        return topic;
    }

    public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        if (_fenced)
            throw new FencedException($"Another writer has opened the transactional id {TransactionalId}.");
        if (topic is not EmbeddedOutputTopic output || output.Writer != this)
            throw new ArgumentException($"{topic.Name} was not opened by this writer", nameof(topic));
        var bytes = BatchBuilder.BytesOf(key, value, headers);
        if (bytes > output.RecordBytesMax)
            throw new LogException($"A record of {bytes} bytes is too large for {topic.Name}, which takes {output.RecordBytesMax}.");
        if (_bytes + bytes > TransactionBytesMax)
            throw new LogException($"The transaction of {TransactionalId} has reached {TransactionBytesMax} bytes: commit more often.");

        var target = output[partition];
        if (target.IsEmpty)
            _touched.Add(target);
        else if (target.Builder.Bytes + bytes > BatchBytesMax)
            target.Cut(time);
        target.Builder.Append(key, value, headers);
        _bytes += bytes;
    }

    public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        if (!InTransaction && positions.Count == 0)
            throw new InvalidOperationException("an empty commit says nothing, not even whether this writer is fenced");
        if (positions.Count > 0 && reader is not EmbeddedReader)
            throw new ArgumentException("positions are committed for a reader of the same log", nameof(reader));
        foreach (var target in _touched)
            target.TakeInto(_batches, time);
        try
        {
            return log.Commit(this, (EmbeddedReader?)reader, _batches, positions);
        }
        finally
        {
            // What was published has a reference of its own.
            foreach (var (_, batch) in _batches)
                batch.Buffer.Release();
            _batches.Clear();
            Clear();
        }
    }

    public CommitOutcome Abort()
    {
        Clear();
        return _fenced ? CommitOutcome.Fenced : CommitOutcome.Aborted;
    }

    public void Dispose()
    {
        Clear();
        log.Forget(this);
    }

    internal void Fence() => _fenced = true;

    private void Clear()
    {
        foreach (var target in _touched)
            target.Clear();
        _touched.Clear();
        _bytes = 0;
    }
}

/// <summary>A topic as one writer appends to it.</summary>
internal sealed class EmbeddedOutputTopic : OutputTopic
{
    private readonly OutputPartition[] _partitions;

    public EmbeddedOutputTopic(TopicLog topic, EmbeddedWriter writer)
        : base(topic.Spec.Name, topic.Partitions.Length)
    {
        Writer = writer;
        RecordBytesMax = topic.Spec.RecordBytesMax;
        _partitions = [.. topic.Partitions.Select(partition => new OutputPartition(partition))];
    }

    public EmbeddedWriter Writer { get; }

    public int RecordBytesMax { get; }

    public OutputPartition this[int partition] =>
        (uint)partition < (uint)_partitions.Length
            ? _partitions[partition]
            : throw new ArgumentOutOfRangeException(nameof(partition), partition, $"{Name} has {_partitions.Length} partitions");
}

/// <summary>What a writer's transaction holds for one partition.</summary>
internal sealed class OutputPartition(PartitionLog partition)
{
    private readonly List<Batch> _cut = [];

    public BatchBuilder Builder { get; } = new();

    public bool IsEmpty => Builder.IsEmpty && _cut.Count == 0;

    public void Cut(TimeProvider time) => _cut.Add(Builder.Seal(time.GetUtcNow().ToUnixTimeMilliseconds()));

    public void TakeInto(List<(PartitionLog, Batch)> batches, TimeProvider time)
    {
        Cut(time);
        foreach (var batch in _cut)
            batches.Add((partition, batch));
        _cut.Clear();
    }

    public void Clear()
    {
        Builder.Clear();
        foreach (var batch in _cut)
            batch.Buffer.Release();
        _cut.Clear();
    }
}
