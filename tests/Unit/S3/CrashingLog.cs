using CohortPipeline.Log;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>A log whose writers call a step before and after each commit, where a test may break.</summary>
internal sealed class CrashingLog(ILog log, Action step) : ILog
{
    public ILogAdmin Admin => log.Admin;

    public ILogReader OpenReader(ReaderOptions options) => log.OpenReader(options);

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes) => new Writer(log.OpenWriter(transactionalId, batchBytesMax), step);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(ILogWriter writer, Action step) : ILogWriter
    {
        public string TransactionalId => writer.TransactionalId;

        public bool InTransaction => writer.InTransaction;

        public OutputTopic Topic(string name) => writer.Topic(name);

        public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null) =>
            writer.Append(topic, partition, key, value, headers);

        public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
        {
            step();
            var outcome = writer.Commit(reader, positions);
            step();
            return outcome;
        }

        public CommitOutcome Abort() => writer.Abort();

        public void Dispose() => writer.Dispose();
    }
}
