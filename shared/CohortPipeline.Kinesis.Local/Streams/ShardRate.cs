namespace CohortPipeline.Kinesis.Local;

/// <summary>What a shard takes a second, and in a burst; keys count with the data.</summary>
public sealed record ShardRate(int RecordsPerSecond, int BytesPerSecond)
{
    /// <summary>What every shard of AWS takes.</summary>
    public static ShardRate Ordinary { get; } = new(1_000, 1024 * 1024);
}

/// <summary>Counts a shard's rate to the millisecond: what a second gives, a millisecond gives a thousandth of.</summary>
/// <param name="now">Milliseconds of any clock.</param>
internal sealed class TokenBucket(ShardRate rate, long now)
{
    /// <summary>Parts of a token, so that a millisecond of any rate is a whole number of them.</summary>
    private const long Parts = 1_000;

    private readonly long _recordsMax = rate.RecordsPerSecond * Parts;
    private readonly long _bytesMax = rate.BytesPerSecond * Parts;
    private long _records = rate.RecordsPerSecond * Parts;
    private long _bytes = rate.BytesPerSecond * Parts;
    private long _filledAt = now;

    /// <summary>Takes a record's tokens; false where there are not enough. A record larger than a whole second's bytes takes a full bucket, and the next wait for the rest.</summary>
    public bool TryTake(int bytes, long now)
    {
        Fill(now);
        var cost = bytes * Parts;
        if (_records < Parts || _bytes < Math.Min(cost, _bytesMax))
            return false;
        _records -= Parts;
        _bytes -= cost;
        return true;
    }

    private void Fill(long now)
    {
        var elapsed = now - _filledAt;
        if (elapsed <= 0)
            return;
        _filledAt = now;
        _records = Math.Min(_recordsMax, _records + (elapsed * rate.RecordsPerSecond));
        _bytes = Math.Min(_bytesMax, _bytes + (elapsed * rate.BytesPerSecond));
    }
}
