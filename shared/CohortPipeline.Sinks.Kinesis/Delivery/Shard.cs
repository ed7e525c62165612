namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// One shard of a stream: what may be sent to it now, and how fast. It slows down by the share that it throttles, by half at
/// most, and gets faster in small steps, without a word to the other shards.
/// </summary>
internal sealed class Shard(string id, int recordsPerSecond, int bytesPerSecond, ulong jitterSeed)
{
    private const double ShareMin = 1.0 / 256;
    private const double ShareStep = 1.0 / 32;
    private const double ShareFactorMin = 0.5;

    private readonly Queue<OutboundRecord> _again = new();
    private readonly Queue<OutboundRecord> _ready = new();
    private readonly Pace _records = new(recordsPerSecond);
    private readonly Pace _bytes = new(bytesPerSecond);
    private long _closedUntil;
    private long _slowedAt = long.MinValue;
    private int _refusedInARow;

    public string Id { get; } = id;

    public bool HasWork => _again.Count + _ready.Count > 0;

    /// <summary>Of the request in hand: what it accepted and what it throttled.</summary>
    public (int Accepted, int Throttled) InHand { get; set; }

    /// <summary>It has throttled lately and is not back at its whole rate.</summary>
    public bool IsThrottled => _records.Share < 1;

    /// <summary>When something can be sent to it, if it has work.</summary>
    public long DueAt => Math.Max(_closedUntil, Math.Max(_records.AnyAt, _bytes.AnyAt));

    public void Add(OutboundRecord record) => (record.Attempts > 0 ? _again : _ready).Enqueue(record);

    /// <summary>What can be sent now; what was rejected before goes first.</summary>
    public bool TryPeek(long now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OutboundRecord? record)
    {
        record = null;
        return now >= _closedUntil && _records.HasAny(now) && _bytes.HasAny(now) && (_again.TryPeek(out record) || _ready.TryPeek(out record));
    }

    /// <summary>Takes what <see cref="TryPeek"/> showed.</summary>
    public void Take(OutboundRecord record, long now)
    {
        (_again.Count > 0 ? _again : _ready).Dequeue();
        _records.Take(1, now);
        _bytes.Take(record.Size, now);
    }

    /// <summary>
    /// What the shard did with its records of a request. Requests that were under way together when it began to throttle count
    /// once. While it takes some, the pace follows what it takes; only where it takes nothing does it get a rest.
    /// </summary>
    public void Answered(int accepted, int throttled, long startedAt, long now)
    {
        if (startedAt < _slowedAt)
            return;
        var share = (double)accepted / (accepted + throttled);
        Share((_records.Share * Math.Max(ShareFactorMin, share)) + (accepted > 0 ? ShareStep : 0));
        if (throttled > 0)
            _slowedAt = now;
        _refusedInARow = accepted > 0 ? 0 : _refusedInARow + 1;
        if (_refusedInARow > 0)
            _closedUntil = now + RetryPlan.OfRecords.Delay(jitterSeed, now, _refusedInARow);
    }

    /// <summary>Everything that waits here, which is taken out.</summary>
    public IEnumerable<OutboundRecord> TakeAll()
    {
        while (_again.TryDequeue(out var record) || _ready.TryDequeue(out record))
            yield return record;
    }

    private void Share(double share) => _records.Share = _bytes.Share = Math.Clamp(share, ShareMin, 1);
}
