namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// One shard of a stream: what may be sent to it now, and how fast. It slows down by half when it throttles and gets faster
/// in small steps while it does not, without a word to the other shards.
/// </summary>
internal sealed class Shard(string id, int recordsPerSecond, int bytesPerSecond, ulong jitterSeed)
{
    private const double ShareMin = 1.0 / 256;
    private const double ShareStep = 1.0 / 32;

    private readonly Queue<OutboundRecord> _again = new();
    private readonly Queue<OutboundRecord> _ready = new();
    private readonly Pace _records = new(recordsPerSecond);
    private readonly Pace _bytes = new(bytesPerSecond);
    private long _closedUntil;
    private long _throttledAt = long.MinValue;
    private int _throttledInARow;

    public string Id { get; } = id;

    public bool HasWork => _again.Count + _ready.Count > 0;

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

    /// <summary>A request that started at <paramref name="startedAt"/> was throttled here. Those that were under way together count once.</summary>
    public void Throttled(long startedAt, long now)
    {
        if (startedAt < _throttledAt)
            return;
        _throttledAt = now;
        _throttledInARow++;
        Share(_records.Share / 2);
        _closedUntil = now + RetryPlan.OfRecords.Delay(jitterSeed, now, _throttledInARow);
    }

    public void Accepted(long startedAt)
    {
        if (startedAt < _throttledAt)
            return;
        _throttledInARow = 0;
        if (_records.Share < 1)
            Share(_records.Share + ShareStep);
    }

    /// <summary>Everything that waits here, which is taken out.</summary>
    public IEnumerable<OutboundRecord> TakeAll()
    {
        while (_again.TryDequeue(out var record) || _ready.TryDequeue(out record))
            yield return record;
    }

    private void Share(double share) => _records.Share = _bytes.Share = Math.Clamp(share, ShareMin, 1);
}
