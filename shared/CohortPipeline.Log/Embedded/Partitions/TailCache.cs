using CohortPipeline.Log.Embedded.Batches;

namespace CohortPipeline.Log.Embedded.Partitions;

/// <summary>Bounds what all partitions together keep in memory: the oldest commit goes first. Used under the commit lock.</summary>
internal sealed class TailCache(long bytesMax)
{
    private readonly Queue<(PartitionLog Partition, int Bytes)> _order = [];
    private long _bytes;

    public void Add(PartitionLog partition, Batch batch)
    {
        var bytes = batch.Buffer.Capacity;
        partition.Publish(batch);
        _order.Enqueue((partition, bytes));
        _bytes += bytes;
        while (_bytes > bytesMax && _order.TryDequeue(out var oldest))
        {
            oldest.Partition.DropOldest();
            _bytes -= oldest.Bytes;
        }
    }

    public void Clear()
    {
        while (_order.TryDequeue(out var oldest))
            oldest.Partition.DropOldest();
        _bytes = 0;
    }
}
