namespace CohortPipeline.Kinesis.Local;

/// <summary>What a new stream is like.</summary>
/// <param name="RecordBytesMax">Of a record, key and data.</param>
/// <param name="Rate">Of each shard; null: any.</param>
/// <param name="ShardBytesMax">A shard forgets its oldest records when it holds more bytes than this.</param>
internal sealed record StreamSettings(int RecordBytesMax, ShardRate? Rate, long ShardBytesMax);

/// <summary>
/// A stream: its shards, open and closed. Time is an argument, in milliseconds since the epoch. Calls exclude each other.
/// </summary>
internal sealed class DataStream
{
    private readonly Lock _lock = new();
    private readonly List<Shard> _shards = [];
    private readonly RecordBlocks _blocks = new();
    private readonly StreamSettings _settings;
    private Shard[] _open;
    private long _number;

    public DataStream(string name, string arn, int shards, StreamSettings settings, long now)
    {
        Name = name;
        Arn = arn;
        CreatedAt = now;
        _settings = settings;
        foreach (var range in HashRange.Even(shards))
            Add(range, null, null, now);
        _open = OpenShards();
    }

    public string Name { get; }

    public string Arn { get; }

    public long CreatedAt { get; }

    public int RecordBytesMax => _settings.RecordBytesMax;

    /// <summary>All shards, in the order of their indexes.</summary>
    public IReadOnlyList<Shard> Shards
    {
        get
        {
            lock (_lock)
                return [.. _shards];
        }
    }

    /// <summary>How many records were stored so far.</summary>
    public long Stored { get; private set; }

    public Shard? Find(string shardId)
    {
        lock (_lock)
            return _shards.Find(shard => shard.Id == shardId);
    }

    /// <summary>Stores what faults and rates let through, in the order of the batch.</summary>
    /// <param name="results">One for each entry.</param>
    public void Put(in PutCall call, PutBatch batch, IPutFaults faults, Span<PutResult> results)
    {
        lock (_lock)
        {
            for (var i = 0; i < batch.Entries.Count; i++)
            {
                var entry = batch.Entries[i];
                var key = batch.Key(entry);
                var shard = ShardOf(entry.HashKey);
                var error = faults.OnEntry(call, i, key, shard.Id);
                if (error is null && !shard.Admits(entry.Size, call.At))
                    error = KinesisError.Throttled(shard.Id, Name);
                if (error is null)
                {
                    shard.Append(_blocks.Store(++_number, call.At, key, batch.Data(entry)));
                    Stored++;
                }

                results[i] = new(error, _number, shard);
            }
        }
    }

    /// <summary>Closes a shard and opens two in its place; the second begins at <paramref name="newStart"/>.</summary>
    public void Split(string shardId, UInt128 newStart, long now)
    {
        lock (_lock)
        {
            var shard = OpenShard(shardId);
            var range = shard.Range;
            if (newStart <= range.First || newStart - range.First <= 1 || newStart >= range.Last)
            {
                throw KinesisError.InvalidArgument(
                    $"NewStartingHashKey {newStart} used in SplitShard() on shard {shard.Id} in stream {Name} under account {KinesisError.Account} is not both greater than one plus the shard's StartingHashKey {range.First} and less than the shard's EndingHashKey {range.Last}.").Thrown();
            }

            shard.Close(++_number);
            Add(new(range.First, newStart - 1), shard, null, now);
            Add(new(newStart, range.Last), shard, null, now);
            _open = OpenShards();
        }
    }

    /// <summary>Closes two shards that lie side by side, and opens one in their place.</summary>
    public void Merge(string shardId, string adjacentShardId, long now)
    {
        lock (_lock)
        {
            var (shard, adjacent) = (OpenShard(shardId), OpenShard(adjacentShardId));
            var (low, high) = shard.Range.First < adjacent.Range.First ? (shard.Range, adjacent.Range) : (adjacent.Range, shard.Range);
            if (low.Last == UInt128.MaxValue || low.Last + 1 != high.First)
            {
                throw KinesisError.InvalidArgument(
                    $"Shards {shard.Id} and {adjacent.Id} in stream {Name} under account {KinesisError.Account} are not an adjacent pair of shards eligible for merging").Thrown();
            }

            shard.Close(++_number);
            adjacent.Close(_number);
            Add(new(low.First, high.Last), shard, adjacent, now);
            _open = OpenShards();
        }
    }

    /// <summary>Gives one shard a rate of its own.</summary>
    public void Limit(string shardId, ShardRate? rate, long now)
    {
        lock (_lock)
            OpenShard(shardId).Limit(rate, now);
    }

    /// <summary>The number that comes next: where LATEST begins.</summary>
    public long NextNumber
    {
        get
        {
            lock (_lock)
                return _number + 1;
        }
    }

    public ShardPage Read(Shard shard, long from, int countMax, int bytesMax)
    {
        lock (_lock)
        {
            var records = shard.Read(from, countMax, bytesMax);
            var next = records.Count > 0 ? records[^1].Number + 1 : Math.Max(from, shard.Opened.Number);
            var isAtEnd = shard.Read(next, 1, 1).Count == 0;
            return new(records, next, isAtEnd, isAtEnd && !shard.IsOpen ? [.. _shards.Where(child => child.Parent == shard || child.AdjacentParent == shard)] : null, shard.NewestArrival);
        }
    }

    /// <summary>The open shard that has the key; the open ones have all of them.</summary>
    private Shard ShardOf(UInt128 hashKey)
    {
        var (low, high) = (0, _open.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_open[middle].Range.Last < hashKey)
                low = middle + 1;
            else
                high = middle;
        }

        return _open[low];
    }

    private Shard OpenShard(string shardId)
    {
        var shard = _shards.Find(known => known.Id == shardId) ?? throw KinesisError.NoShard(shardId, Name).Thrown();
        return shard.IsOpen
            ? shard
            : throw KinesisError.InvalidArgument(
                $"Shard {shard.Id} in stream {Name} under account {KinesisError.Account} has already been merged or split, and thus is not eligible for merging or splitting.").Thrown();
    }

    private Shard[] OpenShards() => [.. _shards.Where(shard => shard.IsOpen).OrderBy(shard => shard.Range.First)];

    private void Add(HashRange range, Shard? parent, Shard? adjacentParent, long now) =>
        _shards.Add(new(_shards.Count, range, parent, adjacentParent, ++_number, _settings.Rate, _settings.ShardBytesMax, now));
}

/// <summary>What a shard holds from a number on.</summary>
/// <param name="Next">Where to read on.</param>
/// <param name="IsAtEnd">Nothing more is there for now.</param>
/// <param name="Children">Where to read on when a closed shard has been read to its end; null before that.</param>
/// <param name="NewestArrival">Milliseconds since the epoch; null where there is no record.</param>
internal readonly record struct ShardPage(IReadOnlyList<StoredRecord> Records, long Next, bool IsAtEnd, IReadOnlyList<Shard>? Children, long? NewestArrival);
