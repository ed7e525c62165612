using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Replay;

/// <summary>Takes everything; keeps what goes to the topic that is replayed.</summary>
internal sealed class ReplayWriter(ReplayLog log, string transactionalId) : ILogWriter
{
    public string TransactionalId => transactionalId;

    public bool InTransaction { get; private set; }

    public OutputTopic Topic(string name) => new CountedTopic(name, log.Partitions.Length);

    public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        InTransaction = true;
        log.Find(topic.Name, partition)?.Append(key, value);
    }

    public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        InTransaction = false;
        return CommitOutcome.Committed;
    }

    public CommitOutcome Abort()
    {
        InTransaction = false;
        return CommitOutcome.Aborted;
    }

    public void Dispose() => InTransaction = false;

    private sealed class CountedTopic(string name, int partitionCount) : OutputTopic(name, partitionCount);
}
