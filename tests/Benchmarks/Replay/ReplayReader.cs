using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Replay;

/// <summary>Lends the kept records where they lie, a run of one partition after a run of the next, as fetches bring them.</summary>
internal sealed class ReplayReader(ReplayLog log) : ILogReader
{
    /// <summary>Nobody has said yet where to begin.</summary>
    private const long Held = -1;

    private readonly ReplayBatch _batch = new();
    private readonly long[] _positions = new long[log.Partitions.Length];
    private List<TopicPartition> _owned = [];
    private IAssignmentHandler? _handler;
    private int _turn;

    public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
    {
        _handler = handler;
        _owned = [.. log.Partitions.Select((_, partition) => new TopicPartition(topics[0], partition))];
        Array.Fill(_positions, Held);
        handler.Assigned(_owned);
    }

    public void Assign(IReadOnlyList<PartitionPosition> positions)
    {
        // Only a restore reads so, and there is nothing to restore.
    }

    public RecordBatch Poll(int recordsMax, TimeSpan timeout)
    {
        _batch.Forget();
        for (var tried = 0; _handler is not null && tried < _positions.Length && _batch.Records.IsEmpty; tried++)
        {
            _turn = (_turn + 1) % _positions.Length;
            if (_positions[_turn] == Held)
                continue;
            var left = log.Partitions[_turn].End - _positions[_turn];
            var count = (int)Math.Min(recordsMax, left);
            _batch.Lend(log.Partitions[_turn], (int)_positions[_turn], count);
            _positions[_turn] += count;
        }

        return _batch;
    }

    public void Seek(IReadOnlyList<PartitionPosition> positions)
    {
        foreach (var position in positions)
            _positions[position.Partition] = position.Offset;
    }

    public void Pause(IReadOnlyList<TopicPartition> partitions) => throw new NotSupportedException();

    public void Resume(IReadOnlyList<TopicPartition> partitions) => throw new NotSupportedException();

    public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions) =>
        [.. partitions.Select(partition => new CommittedPosition(partition.Topic, partition.Partition, CommittedPosition.None, ""))];

    public bool Commit(IReadOnlyList<CommittedPosition> positions) => true;

    public long FirstOffset(TopicPartition partition) => 0;

    public long EndOffset(TopicPartition partition, Isolation isolation) => log.Find(partition.Topic, partition.Partition)?.End ?? 0;

    public void Leave()
    {
        _handler?.Revoked(_owned);
        _handler = null;
    }

    public void Dispose() => _batch.Forget();

    private sealed class ReplayBatch : RecordBatch
    {
        private ReplayPartition? _partition;
        private int _start;
        private int _count;

        public override ReadOnlySpan<LogRecord> Records => _partition is null ? default : _partition.Records.Slice(_start, _count);

        public override ReadOnlySpan<PartitionSignal> Signals => default;

        public void Lend(ReplayPartition partition, int start, int count) => (_partition, _start, _count) = (partition, start, count);

        public void Forget() => _partition = null;

        public override long TimestampOf(int index) => -1;

        public override int HeaderCountOf(int index) => 0;

        public override LogHeader HeaderOf(int index, int header) => throw new ArgumentOutOfRangeException(nameof(header), header, "no record has headers");
    }
}
