using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Memory;

/// <summary>Keeps what is appended until the commit, whose fate the faults decide.</summary>
internal sealed class MemoryWriter(MemoryLog log, string transactionalId, int epoch) : ILogWriter
{
    private readonly List<(string Topic, int Partition, MemoryRecord Record)> _appended = [];
    private bool _isUndecided;

    public string TransactionalId => transactionalId;

    public bool InTransaction => _appended.Count > 0;

    public OutputTopic Topic(string name) => new MemoryOutputTopic(name, log.Find(name).Length);

    public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        Check();
        log.Faults.MayCrash();
        var copied = Enumerable.Range(0, headers?.Count ?? 0).Select(i => headers![i]).ToArray();
        _appended.Add((topic.Name, partition, new(key.IsNull ? null : key.Span.ToArray(), value.IsNull ? null : value.Span.ToArray(), copied)));
    }

    public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        if (_appended.Count == 0 && positions.Count == 0)
            throw new InvalidOperationException("an empty commit");
        if (log.IsFenced(transactionalId, epoch))
            return CommitOutcome.Fenced;
        var fate = log.Faults.NextFate();
        if (fate == CommitFate.CrashBefore)
            throw new SimulatedCrashException();
        if (fate is CommitFate.Committed or CommitFate.UnknownButCommitted or CommitFate.CrashAfter)
            Write(reader, positions);
        _appended.Clear();
        _isUndecided = fate is CommitFate.UnknownButCommitted or CommitFate.UnknownAndAborted;
        return fate switch
        {
            CommitFate.Committed => CommitOutcome.Committed,
            CommitFate.Aborted => CommitOutcome.Aborted,
            CommitFate.CrashAfter => throw new SimulatedCrashException(),
            _ => CommitOutcome.Unknown,
        };
    }

    public CommitOutcome Abort()
    {
        if (log.IsFenced(transactionalId, epoch))
            return CommitOutcome.Fenced;
        _appended.Clear();
        return CommitOutcome.Aborted;
    }

    public void Dispose() => _appended.Clear();

    private void Write(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        foreach (var (topic, partition, record) in _appended)
            log.Find(topic)[partition].Append(record);
        foreach (var (topic, partition) in _appended.Select(appended => (appended.Topic, appended.Partition)).Distinct().ToList())
            log.Find(topic)[partition].AppendMarker();
        ((MemoryReader?)reader)?.CommitInTransaction(positions);
    }

    private void Check()
    {
        if (_isUndecided)
            throw new InvalidOperationException("the writer's last commit is undecided: it must be opened anew");
        if (log.IsFenced(transactionalId, epoch))
            throw new FencedException($"{transactionalId} has another writer");
    }

    private sealed class MemoryOutputTopic(string name, int partitionCount) : OutputTopic(name, partitionCount);
}
