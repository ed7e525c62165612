using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Replay;

/// <summary>
/// No log at all: what is appended to one topic is kept in memory and read from there, what is appended to others is only
/// counted. What a lane takes on it is what the lane and its processor take themselves.
/// </summary>
internal sealed class ReplayLog : ILog
{
    private readonly string _topic;

    public ReplayLog(string topic, int partitionCount)
    {
        _topic = topic;
        Partitions = [.. Enumerable.Range(0, partitionCount).Select(partition => new ReplayPartition(topic, partition))];
    }

    public ILogAdmin Admin => throw new NotSupportedException("there are no topics to administer");

    public ReplayPartition[] Partitions { get; }

    public ILogReader OpenReader(ReaderOptions options) => new ReplayReader(this);

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes) => new ReplayWriter(this, transactionalId);

    public ValueTask DisposeAsync()
    {
        foreach (var partition in Partitions)
            partition.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Null for a topic of which nothing is kept.</summary>
    public ReplayPartition? Find(string topic, int partition) => topic == _topic ? Partitions[partition] : null;
}
