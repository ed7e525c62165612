using CohortPipeline.Log;

namespace CohortPipeline.Tests.Unit.Log;

/// <summary>A log whose readers can lose their place, as where retention has deleted what they read next, while it does not answer what there is instead.</summary>
internal sealed class ForgetfulLog(ILog log) : ILog
{
    private Reader? _reader;

    /// <summary>It does not say what the first offset is.</summary>
    public bool IsAway { get; set; }

    public ILogAdmin Admin => log.Admin;

    /// <summary>The last reader that was opened finds its next records gone.</summary>
    public void LoseThePlace() => _reader!.LoseThePlace();

    public ILogReader OpenReader(ReaderOptions options) => _reader = new(this, log.OpenReader(options));

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes) => log.OpenWriter(transactionalId, batchBytesMax);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Reader(ForgetfulLog owner, ILogReader reader) : ILogReader
    {
        private readonly Lost _lost = new();
        private TopicPartition _partition;
        private bool _isLost;

        public void LoseThePlace() => (_isLost, _lost.Partition) = (true, _partition);

        public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler) => reader.Subscribe(topics, handler);

        public void Assign(IReadOnlyList<PartitionPosition> positions)
        {
            _partition = positions[0].TopicPartition;
            reader.Assign(positions);
        }

        /// <summary>Where the place is lost, that is said once, and nothing is read until somebody says where to go on.</summary>
        public RecordBatch Poll(int recordsMax, TimeSpan timeout) => _isLost ? _lost.Next() : reader.Poll(recordsMax, timeout);

        public void Seek(IReadOnlyList<PartitionPosition> positions)
        {
            _isLost = false;
            reader.Seek(positions);
        }

        public void Pause(IReadOnlyList<TopicPartition> partitions) => reader.Pause(partitions);

        public void Resume(IReadOnlyList<TopicPartition> partitions) => reader.Resume(partitions);

        public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions) => reader.Committed(partitions);

        public bool Commit(IReadOnlyList<CommittedPosition> positions) => reader.Commit(positions);

        public long FirstOffset(TopicPartition partition) => owner.IsAway ? throw new LogUnavailableException("away") : reader.FirstOffset(partition);

        public long EndOffset(TopicPartition partition, Isolation isolation) => reader.EndOffset(partition, isolation);

        public void Leave() => reader.Leave();

        public void Dispose() => reader.Dispose();
    }

    private sealed class Lost : RecordBatch
    {
        private PartitionSignal[] _signals = [];
        private bool _isSaid;

        public TopicPartition Partition { get; set; }

        public override ReadOnlySpan<LogRecord> Records => default;

        public override ReadOnlySpan<PartitionSignal> Signals => _signals;

        public Lost Next()
        {
            _signals = _isSaid ? [] : [new(PartitionSignalKind.OffsetGone, Partition.Topic, Partition.Partition, 0)];
            _isSaid = true;
            return this;
        }

        public override long TimestampOf(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, "there is no record");

        public override int HeaderCountOf(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, "there is no record");

        public override LogHeader HeaderOf(int index, int header) => throw new ArgumentOutOfRangeException(nameof(index), index, "there is no record");
    }
}
