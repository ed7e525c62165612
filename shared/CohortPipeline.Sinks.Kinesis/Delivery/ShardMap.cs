namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Which shard a key goes to, learned from the stream's answers alone: a shard has a range of the keys' hashes, and every
/// record that is accepted or throttled tells that its hash is in one. A hash between two known ranges is taken for the nearer one's: a wrong guess
/// costs pace, never order. Shards that were split or merged go as soon as one of their children is seen in their place.
/// </summary>
internal sealed class ShardMap(Func<string, Shard> create)
{
    private static readonly List<Shard> Nobody = [];

    private readonly List<Range> _ranges = [];

    /// <summary>The stream as a whole, which stands for its shards until its first answer; then those that are known.</summary>
    public List<Shard> Shards { get; } = [create("")];

    public Shard Of(UInt128 hash)
    {
        if (_ranges.Count == 0)
            return Shards[0];
        var behind = FirstEndingAtOrBehind(hash);
        if (behind == _ranges.Count)
            return _ranges[^1].Shard;
        if (behind == 0 || _ranges[behind].Low <= hash)
            return _ranges[behind].Shard;
        var before = _ranges[behind - 1];
        return hash - before.High < _ranges[behind].Low - hash ? before.Shard : _ranges[behind].Shard;
    }

    /// <summary>
    /// A record of that hash was accepted or throttled by that shard. Answers shards whose waiting records may have to go elsewhere now; none
    /// where nothing is new.
    /// </summary>
    public List<Shard> Learn(UInt128 hash, string shardId)
    {
        var at = FirstEndingAtOrBehind(hash);
        if (at < _ranges.Count && _ranges[at].Low <= hash && IsNotOlder(_ranges[at].Shard.Id, shardId))
            return Nobody;
        return Insert(hash, shardId);
    }

    private List<Shard> Insert(UInt128 hash, string shardId)
    {
        var own = _ranges.Find(range => range.Shard.Id == shardId);
        var (low, high) = own is null ? (hash, hash) : (UInt128.Min(own.Low, hash), UInt128.Max(own.High, hash));
        var overlapped = _ranges.FindAll(range => range.Shard.Id != shardId && range.Low <= high && range.High >= low);

        // A child lies where it should be: the answer is an old one, from before a split or a merge.
        if (overlapped.Exists(range => IsNotOlder(range.Shard.Id, shardId)))
            return Nobody;
        List<Shard> disturbed = [.. overlapped.ConvertAll(range => range.Shard), Of(hash)];
        foreach (var range in overlapped)
            Remove(range);
        if (own is not null)
        {
            (own.Low, own.High) = (low, high);
            return overlapped.Count > 0 ? disturbed : Nobody;
        }

        var shard = create(shardId);
        Shards.Add(shard);
        _ranges.Insert(FirstEndingAtOrBehind(hash), new(shard) { Low = low, High = high });
        return disturbed;
    }

    private void Remove(Range range)
    {
        _ranges.Remove(range);
        Shards.Remove(range.Shard);
    }

    private int FirstEndingAtOrBehind(UInt128 hash)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].High < hash)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Shards are numbered as they come into being, in as many digits each.</summary>
    private static bool IsNotOlder(string left, string right) => string.CompareOrdinal(left, right) >= 0;

    private sealed class Range(Shard shard)
    {
        public Shard Shard { get; } = shard;

        public UInt128 Low { get; set; }

        public UInt128 High { get; set; }
    }
}
