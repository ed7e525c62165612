using System.Runtime.CompilerServices;
using CohortPipeline.Log.Embedded.Batches;

namespace CohortPipeline.Log.Embedded.Partitions;

/// <summary>Where a reader stands in one partition, and the buffer it reads from.</summary>
internal sealed unsafe class PartitionCursor(PartitionLog log) : IDisposable
{
    private const long NothingSignalled = -1;

    private BatchBuffer? _buffer;
    private int _next;
    private BatchHeader _batch;
    private int _recordsLeft;
    private long _signalledAt = NothingSignalled;

    public PartitionLog Log { get; } = log;

    /// <summary>The next offset to read.</summary>
    public long Position { get; private set; }

    public bool IsPaused { get; set; }

    /// <summary>Nobody has said yet where to begin.</summary>
    public bool IsHeld { get; private set; } = true;

    public void SeekTo(long offset)
    {
        Dispose();
        IsHeld = false;
        Position = offset;
        _signalledAt = NothingSignalled;
    }

    public void Dispose()
    {
        _buffer?.Release();
        _buffer = null;
        _recordsLeft = 0;
    }

    /// <summary>Adds what the partition has from here on, until the batch holds <paramref name="recordsMax"/> records.</summary>
    /// <param name="fromDisk">Reads what is no longer in memory.</param>
    public void ReadInto(EmbeddedRecordBatch batch, int recordsMax, Func<PartitionLog, long, BatchBuffer> fromDisk)
    {
        if (IsHeld || IsPaused || IsOutside(batch))
            return;
        while (batch.Count < recordsMax)
        {
            if (_recordsLeft > 0)
                ReadRecords(batch, recordsMax);
            else if (_buffer is not null && _next < _buffer.Length)
                OpenBatch();
            else if (!NextBuffer(batch, fromDisk))
                break;
        }

        SignalEnd(batch);
    }

    private bool IsOutside(EmbeddedRecordBatch batch)
    {
        if (Position >= Log.FirstOffset && Position <= Log.EndOffset)
            return false;
        if (_signalledAt != Position)
        {
            _signalledAt = Position;
            batch.Add(new PartitionSignal(PartitionSignalKind.OffsetGone, Log.Name.Topic, Log.Name.Partition, Position));
        }

        return true;
    }

    private void SignalEnd(EmbeddedRecordBatch batch)
    {
        if (Position != Log.EndOffset || _signalledAt == Position)
            return;
        _signalledAt = Position;
        batch.Add(new PartitionSignal(PartitionSignalKind.EndOfPartition, Log.Name.Topic, Log.Name.Partition, Position));
    }

    private bool NextBuffer(EmbeddedRecordBatch batch, Func<PartitionLog, long, BatchBuffer> fromDisk)
    {
        if (_buffer is not null)
            batch.Hold(_buffer);
        _buffer = null;
        if (Position >= Log.EndOffset)
            return false;
        _buffer = Log.TakeFromTail(Position) ?? fromDisk(Log, Position);
        _next = 0;
        return true;
    }

    private void OpenBatch()
    {
        _batch = Unsafe.ReadUnaligned<BatchHeader>(_buffer!.Bytes + _next);
        if (Position >= _batch.BaseOffset + _batch.OffsetSpan)
        {
            _next += _batch.Bytes;
            return;
        }

        _next += sizeof(BatchHeader);
        _recordsLeft = _batch.RecordCount;
        if (_recordsLeft == 0)
            Position = _batch.BaseOffset + _batch.OffsetSpan;
    }

    private void ReadRecords(EmbeddedRecordBatch batch, int recordsMax)
    {
        var at = _buffer!.Bytes + _next;
        var topic = Log.Name.Topic;
        var partition = Log.Name.Partition;
        while (_recordsLeft > 0 && batch.Count < recordsMax)
        {
            var header = Unsafe.ReadUnaligned<RecordHeader>(at);
            at += sizeof(RecordHeader);
            var offset = _batch.BaseOffset + header.OffsetDelta;
            if (offset >= Position)
            {
                batch.Add(topic, partition, offset, header, at, _batch.Timestamp);
                Position = offset + 1;
            }

            at += Math.Max(header.KeyLength, 0) + Math.Max(header.ValueLength, 0) + header.HeadersLength;
            _recordsLeft--;
        }

        _next = (int)(at - _buffer.Bytes);
        if (_recordsLeft == 0)
            Position = Math.Max(Position, _batch.BaseOffset + _batch.OffsetSpan);
    }
}
