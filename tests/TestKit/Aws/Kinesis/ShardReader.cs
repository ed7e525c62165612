namespace CohortPipeline.TestKit.Aws.Kinesis;

/// <summary>
/// Reads a stream as a customer's own code does: every shard from its beginning, and a shard's children only when it has been
/// read to its end, so that the records of a key come in their order through every split and merge.
/// </summary>
public sealed class ShardReader(KinesisCalls calls, string stream)
{
    private readonly Dictionary<string, string> _lastRead = [];
    private readonly HashSet<string> _finished = [];

    /// <summary>What has come since the last time.</summary>
    public async Task<IReadOnlyList<StreamRecord>> ReadAsync(CancellationToken cancellation)
    {
        var read = new List<StreamRecord>();
        var shards = await calls.ListShardsAsync(stream, cancellation);
        bool hasFinished;
        do
        {
            hasFinished = false;
            foreach (var shard in shards.Where(shard => !_finished.Contains(shard.Id) && IsFinished(shard.Parent) && IsFinished(shard.AdjacentParent)).ToList())
                hasFinished |= await ReadShardAsync(shard, read, cancellation);
        }
        while (hasFinished);

        return read;
    }

    private bool IsFinished(string? parent) => parent is null || _finished.Contains(parent);

    /// <summary>Whether the shard is closed and has been read to its end.</summary>
    private async Task<bool> ReadShardAsync(ListedShard shard, List<StreamRecord> read, CancellationToken cancellation)
    {
        // An iterator lives for minutes; a sequence number for as long as its record.
        var last = _lastRead.GetValueOrDefault(shard.Id);
        string? iterator = await calls.IteratorAsync(stream, shard.Id, last is null ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER", last, cancellation);
        while (iterator is not null)
        {
            var (records, next) = await calls.RecordsAsync(iterator, cancellation);
            read.AddRange(records);
            if (records.Count > 0)
                _lastRead[shard.Id] = records[^1].SequenceNumber;
            else if (next is not null)
                return false;
            iterator = next;
        }

        _finished.Add(shard.Id);
        return true;
    }
}
