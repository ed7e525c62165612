using System.Runtime.CompilerServices;

namespace CohortPipeline.Log.Embedded.Batches;

/// <summary>What a poll brought: records that point into the buffers it holds on to until the next poll.</summary>
internal sealed unsafe class EmbeddedRecordBatch : RecordBatch
{
    private readonly List<BatchBuffer> _lent = [];
    private LogRecord[] _records = [];
    private RecordExtra[] _extras = [];
    private PartitionSignal[] _signals = [];
    private int _signalCount;

    public override ReadOnlySpan<LogRecord> Records => new(_records, 0, Count);

    public override ReadOnlySpan<PartitionSignal> Signals => new(_signals, 0, _signalCount);

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0 && _signalCount == 0;

    public override long TimestampOf(int index) => Extra(index).Timestamp;

    public override int HeaderCountOf(int index)
    {
        var headers = Extra(index).Headers;
        return headers == null ? 0 : Unsafe.ReadUnaligned<int>(headers) & ~BatchFormat.TimestampFlag;
    }

    public override LogHeader HeaderOf(int index, int header)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(header);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(header, HeaderCountOf(index));
        var headers = Extra(index).Headers;
        var at = headers + sizeof(int) + (HasTimestamp(headers) ? sizeof(long) : 0);
        while (true)
        {
            var nameLength = Unsafe.ReadUnaligned<int>(at);
            var valueLength = Unsafe.ReadUnaligned<int>(at + sizeof(int));
            at += 2 * sizeof(int);
            if (header == 0)
            {
                var name = new ReadOnlySpan<byte>(at, nameLength);
                return new(name, new(at + nameLength, Math.Max(valueLength, 0)), valueLength != BatchFormat.NullLength);
            }

            header--;
            at += nameLength + Math.Max(valueLength, 0);
        }
    }

    public void Begin(int recordsMax)
    {
        Clear();
        if (_records.Length < recordsMax)
        {
            _records = new LogRecord[recordsMax];
            _extras = new RecordExtra[recordsMax];
        }
    }

    public void Clear()
    {
        foreach (var buffer in _lent)
            buffer.Release();
        _lent.Clear();
        Count = 0;
        _signalCount = 0;
    }

    public void Add(string topic, int partition, long offset, RecordHeader header, byte* body, long timestamp)
    {
        var keyLength = Math.Max(header.KeyLength, 0);
        var valueLength = Math.Max(header.ValueLength, 0);
        var key = header.KeyLength == BatchFormat.NullLength ? null : body;
        var value = header.ValueLength == BatchFormat.NullLength ? null : body + keyLength;
        _records[Count] = new LogRecord(topic, partition, offset, key, keyLength, value, valueLength);
        ref var extra = ref _extras[Count];
        extra.Headers = header.HeadersLength == 0 ? null : body + keyLength + valueLength;
        extra.Timestamp = HasTimestamp(extra.Headers) ? Unsafe.ReadUnaligned<long>(extra.Headers + sizeof(int)) : timestamp;
        Count++;
    }

    public void Add(PartitionSignal signal)
    {
        if (_signalCount == _signals.Length)
            Array.Resize(ref _signals, Math.Max(4, _signals.Length * 2));
        _signals[_signalCount++] = signal;
    }

    /// <summary>Keeps a buffer that a cursor is done with until the records in it may be forgotten.</summary>
    public void Hold(BatchBuffer buffer) => _lent.Add(buffer);

    private static bool HasTimestamp(byte* headers) => headers != null && Unsafe.ReadUnaligned<int>(headers) < 0;

    private ref RecordExtra Extra(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _extras[index];
    }

    private struct RecordExtra
    {
        public long Timestamp;
        public byte* Headers;
    }
}
