using System.Globalization;

namespace CohortPipeline.Kinesis.Local;

/// <summary>A shard: a range of hash keys and the records that came for it, in order.</summary>
/// <param name="opened">The number that its first record can have at the least.</param>
/// <param name="rate">Null: any.</param>
/// <param name="bytesMax">The oldest records go when there are more bytes than this.</param>
internal sealed class Shard(int index, HashRange range, Shard? parent, Shard? adjacentParent, long opened, ShardRate? rate, long bytesMax, long now)
{
    /// <summary>So many gone records stay in the list before it is worth moving the others.</summary>
    private const int GoneMax = 4_096;

    private readonly List<StoredRecord> _records = [];
    private TokenBucket? _bucket = rate is null ? null : new(rate, now);
    private int _gone;
    private long _bytes;

    public int Index { get; } = index;

    public string Id { get; } = IdOf(index);

    public HashRange Range { get; } = range;

    public Shard? Parent { get; } = parent;

    public Shard? AdjacentParent { get; } = adjacentParent;

    public SequenceNumber Opened { get; } = new(opened, index);

    /// <summary>The end of a shard that was split or merged; null while it is open.</summary>
    public SequenceNumber? Closed { get; private set; }

    public bool IsOpen => Closed is null;

    public static string IdOf(int index) => string.Create(CultureInfo.InvariantCulture, $"shardId-{index:D12}");

    public void Close(long number) => Closed = new(number, Index);

    public void Limit(ShardRate? rate, long now) => _bucket = rate is null ? null : new(rate, now);

    /// <summary>Whether the rate admits a record of this size; it counts from then on.</summary>
    public bool Admits(int size, long now) => _bucket?.TryTake(size, now) ?? true;

    public void Append(in StoredRecord record)
    {
        _records.Add(record);
        _bytes += record.Size;
        while (_bytes > bytesMax)
            _bytes -= _records[_gone++].Size;
        if (_gone <= Math.Max(GoneMax, _records.Count / 2))
            return;
        _records.RemoveRange(0, _gone);
        _gone = 0;
    }

    /// <summary>Records from a number on, at most so many and so many bytes, but one at the least.</summary>
    public IReadOnlyList<StoredRecord> Read(long from, int countMax, int bytesMaximum)
    {
        var first = IndexOf(from);
        var count = 0;
        for (var bytes = 0; first + count < _records.Count && count < countMax; count++)
        {
            bytes += _records[first + count].Size;
            if (count > 0 && bytes > bytesMaximum)
                break;
        }

        return _records.GetRange(first, count);
    }

    /// <summary>When the newest record came; null where there is none.</summary>
    public long? NewestArrival => _records.Count > _gone ? _records[^1].ArrivedAt : null;

    /// <summary>Of the first record with this number or a later one.</summary>
    private int IndexOf(long number)
    {
        var (low, high) = (_gone, _records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_records[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
