using CohortPipeline.Log.Embedded.Batches;

namespace CohortPipeline.Log.Embedded.Partitions;

/// <summary>What the process knows of one partition: where it begins and ends, its newest batches, and who reads it.</summary>
internal sealed class PartitionLog(TopicPartition name, int id, long firstOffset, long endOffset)
{
    private readonly Lock _gate = new();
    private readonly List<Batch> _tail = [];
    private int _tailHead;
    private EmbeddedReader[] _watchers = [];
    private long _endOffset = endOffset;

    public TopicPartition Name { get; } = name;

    /// <summary>The partition's number in the store.</summary>
    public int Id { get; } = id;

    public long FirstOffset { get; } = firstOffset;

    /// <summary>The offset after the last committed record.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>Makes a committed batch visible; the tail takes over the caller's reference.</summary>
    public void Publish(Batch batch)
    {
        lock (_gate)
        {
            _tail.Add(batch);
            Volatile.Write(ref _endOffset, batch.EndOffset);
        }
    }

    public void WakeWatchers()
    {
        foreach (var watcher in Volatile.Read(ref _watchers))
            watcher.Wake();
    }

    /// <summary>The batch in memory that holds the offset, with a reference for the caller; null if it is only on disk.</summary>
    public BatchBuffer? TakeFromTail(long offset)
    {
        lock (_gate)
        {
            if (_tailHead == _tail.Count || offset < _tail[_tailHead].BaseOffset)
                return null;
            var low = _tailHead;
            var high = _tail.Count - 1;
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (_tail[middle].BaseOffset <= offset)
                    low = middle;
                else
                    high = middle - 1;
            }

            var buffer = _tail[low].Buffer;
            buffer.AddReference();
            return buffer;
        }
    }

    /// <summary>Forgets the oldest batch in memory.</summary>
    public void DropOldest()
    {
        lock (_gate)
        {
            _tail[_tailHead].Buffer.Release();
            _tail[_tailHead++] = null!;
            if (_tailHead > _tail.Count / 2)
            {
                _tail.RemoveRange(0, _tailHead);
                _tailHead = 0;
            }
        }
    }

    public void Watch(EmbeddedReader reader)
    {
        lock (_gate)
            Volatile.Write(ref _watchers, [.. _watchers, reader]);
    }

    public void Unwatch(EmbeddedReader reader)
    {
        lock (_gate)
            Volatile.Write(ref _watchers, [.. _watchers.Where(watcher => watcher != reader)]);
    }
}
