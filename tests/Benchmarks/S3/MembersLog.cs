using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.S3;

/// <summary>
/// A log whose <c>memberships</c> are made as they are read, one row a member in an order that has nothing to do with that of
/// the keys, so that they take neither memory nor a disk; all other topics are another log's.
/// </summary>
internal sealed class MembersLog(ILog log, string memberships, long rows) : ILog
{
    public ILogAdmin Admin => log.Admin;

    public ILogReader OpenReader(ReaderOptions options) => new Reader(log.OpenReader(options), memberships, rows);

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes) => new Writer(log.OpenWriter(transactionalId, batchBytesMax));

    public ValueTask DisposeAsync() => log.DisposeAsync();

    /// <summary>Reads the made rows where <c>memberships</c> is subscribed to, and the other log where anything else is.</summary>
    private sealed class Reader(ILogReader reader, string memberships, long rows) : ILogReader
    {
        private readonly MadeRows _rows = new(memberships);
        private IAssignmentHandler? _handler;
        private bool _isPaused;
        private long _position;

        public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
        {
            if (topics[0] != memberships)
            {
                reader.Subscribe(topics, handler);
                return;
            }

            _handler = handler;
            handler.Assigned([new(memberships, 0)]);
        }

        public void Assign(IReadOnlyList<PartitionPosition> positions) => reader.Assign(positions);

        public RecordBatch Poll(int recordsMax, TimeSpan timeout)
        {
            if (_handler is null)
                return reader.Poll(recordsMax, timeout);
            var count = _isPaused ? 0 : (int)Math.Min(recordsMax, rows - _position);
            if (count == 0 && timeout > TimeSpan.Zero)
                Thread.CurrentThread.Join(timeout);
            _rows.Make(_position, count, isEnd: !_isPaused && _position + count == rows);
            _position += count;
            return _rows;
        }

        public void Seek(IReadOnlyList<PartitionPosition> positions) => _position = positions[0].Offset;

        public void Pause(IReadOnlyList<TopicPartition> partitions) => _isPaused = true;

        public void Resume(IReadOnlyList<TopicPartition> partitions) => _isPaused = false;

        public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions) =>
            [.. partitions.Select(partition => new CommittedPosition(partition.Topic, partition.Partition, CommittedPosition.None, ""))];

        public bool Commit(IReadOnlyList<CommittedPosition> positions) => true;

        public long FirstOffset(TopicPartition partition) => partition.Topic == memberships ? 0 : reader.FirstOffset(partition);

        public long EndOffset(TopicPartition partition, Isolation isolation) => partition.Topic == memberships ? rows : reader.EndOffset(partition, isolation);

        public void Leave() => _handler = null;

        public void Dispose()
        {
            _rows.Dispose();
            reader.Dispose();
        }
    }

    /// <summary>The position is of rows that lie in no log: only what is written beside it is committed.</summary>
    private sealed class Writer(ILogWriter writer) : ILogWriter
    {
        public string TransactionalId => writer.TransactionalId;

        public bool InTransaction => writer.InTransaction;

        public OutputTopic Topic(string name) => writer.Topic(name);

        public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null) => writer.Append(topic, partition, key, value, headers);

        public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions) => writer.Commit(null, []);

        public CommitOutcome Abort() => writer.Abort();

        public void Dispose() => writer.Dispose();
    }

    /// <summary>A batch of rows, made over the last one's in native memory.</summary>
    private sealed unsafe class MadeRows(string topic) : RecordBatch, IDisposable
    {
        private const int RecordsMax = 5_000;
        private const int DigitsLength = 10;

        private static readonly byte[] Key = Encoding.UTF8.GetBytes($"{S3SyncProcess.Cohort}/u:user-0000000000");
        private static readonly byte[] Value = """{"in":true,"entered_at":"2026-03-01T00:00:00.000Z","at":"2026-03-01T00:00:00.000Z","version":1,"computed_at":1772323200,"first_seen_at":"2026-03-01T00:00:00.000Z","ids":{"user_id":"user-0000000000","amplitude_id":4650483087176188811},"properties":{"plan":"pro","city":"Köln"}}"""u8.ToArray();
        private static readonly int DigitsInValue = Value.AsSpan().IndexOf("user-0000000000"u8) + "user-".Length;

        private readonly byte* _bytes = (byte*)NativeMemory.Alloc((nuint)(RecordsMax * (Key.Length + Value.Length)));
        private readonly LogRecord[] _records = new LogRecord[RecordsMax];
        private PartitionSignal[] _signals = [];
        private int _count;

        public override ReadOnlySpan<LogRecord> Records => _records.AsSpan(0, _count);

        public override ReadOnlySpan<PartitionSignal> Signals => _signals;

        public void Make(long first, int count, bool isEnd)
        {
            _count = count;
            _signals = isEnd ? [new(PartitionSignalKind.EndOfPartition, topic, 0, first + count)] : [];
            var next = _bytes;
            for (var index = 0; index < count; index++)
            {
                // An odd factor: no two of 2^32 rows have one user, and neighbours are far apart.
                var user = unchecked((uint)(first + index) * 2_654_435_761u);
                var key = new Span<byte>(next, Key.Length);
                Key.CopyTo(key);
                Utf8Formatter.TryFormat(user, key[^DigitsLength..], out _, new('D', DigitsLength));
                var value = new Span<byte>(next + Key.Length, Value.Length);
                Value.CopyTo(value);
                key[^DigitsLength..].CopyTo(value[DigitsInValue..]);
                _records[index] = new(topic, 0, first + index, next, Key.Length, next + Key.Length, Value.Length);
                next += Key.Length + Value.Length;
            }
        }

        public override long TimestampOf(int index) => -1;

        public override int HeaderCountOf(int index) => 0;

        public override LogHeader HeaderOf(int index, int header) => throw new ArgumentOutOfRangeException(nameof(header), header, "no record has headers");

        public void Dispose() => NativeMemory.Free(_bytes);
    }
}
