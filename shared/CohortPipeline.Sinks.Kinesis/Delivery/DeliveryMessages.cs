namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What the stream takes, and what of it is used at a time.</summary>
/// <param name="RequestRecordsMax">Records in a request.</param>
/// <param name="RequestBytesMax">Bytes in a request, data and keys.</param>
/// <param name="RequestsInFlightMax">Requests under way at a time.</param>
/// <param name="ShardRecordsPerSecond">Records a second to one shard.</param>
/// <param name="ShardBytesPerSecond">Bytes a second to one shard, data and keys.</param>
public sealed record DeliveryLimits(int RequestRecordsMax, int RequestBytesMax, int RequestsInFlightMax, int ShardRecordsPerSecond, int ShardBytesPerSecond)
{
    private const int RequestsAtATime = 8;

    /// <summary>Those of a destination; a folder has no shards and needs no pace.</summary>
    public static DeliveryLimits Of(KinesisDestination destination)
    {
        var limits = destination.Limits;
        return destination.Endpoint is { IsFolder: true }
            ? new(limits.RequestRecordsMax, limits.RequestBytesMax, RequestsAtATime, int.MaxValue, int.MaxValue)
            : new(limits.RequestRecordsMax, limits.RequestBytesMax, RequestsAtATime, limits.ShardRecordsPerSecond, limits.ShardBytesPerSecond);
    }
}

/// <summary>
/// A request to send: the queue waits for its <see cref="DeliveryResponse"/>, whatever it is, and may use the object again
/// behind that.
/// </summary>
public sealed class DeliveryRequest
{
    private readonly List<OutboundRecord> _records = [];

    /// <summary>1, 2, 3 …</summary>
    public long Number { get; private set; }

    /// <summary>Milliseconds of the caller's clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>In the order in which the stream answers.</summary>
    public IReadOnlyList<OutboundRecord> Records => _records;

    /// <summary>For whoever carries it out, to put the answer's entries in: used again with the request.</summary>
    internal List<EntryResult> Results { get; } = [];

    internal long Bytes { get; private set; }

    internal void Start(long number, long now)
    {
        _records.Clear();
        (Number, StartedAt, Bytes) = (number, now, 0);
    }

    internal void Add(OutboundRecord record)
    {
        _records.Add(record);
        Bytes += record.Size;
    }
}

/// <summary>What became of one record of a request.</summary>
/// <param name="Code">Null where it was accepted, else the stream's code.</param>
/// <param name="ShardId">The shard that accepted or throttled it; null where the destination has none, or does not say.</param>
public readonly record struct EntryResult(string? Code, string? ShardId);

/// <summary>What became of a request.</summary>
public sealed record DeliveryResponse
{
    private DeliveryResponse()
    {
    }

    /// <summary>For each record, by position; null where the whole call failed.</summary>
    public IReadOnlyList<EntryResult>? Entries { get; private init; }

    public FailureKind Kind { get; private init; }

    /// <summary>The destination's code for a call that failed.</summary>
    public string Code { get; private init; } = "";

    public string Detail { get; private init; } = "";

    public static DeliveryResponse Answered(IReadOnlyList<EntryResult> entries) => new() { Entries = entries };

    public static DeliveryResponse Failed(FailureKind kind, string code, string detail) => new() { Kind = kind, Code = code, Detail = detail };
}
