namespace CohortPipeline.Sinks;

/// <summary>What one call to a destination holds.</summary>
/// <param name="RequestRecordsMax">Records in a request.</param>
/// <param name="RequestBytesMax">Bytes in a request, data and keys.</param>
/// <param name="RequestsInFlightMax">Requests under way at a time.</param>
public sealed record DeliveryLimits(int RequestRecordsMax, int RequestBytesMax, int RequestsInFlightMax);

/// <summary>A request to send: the queue waits for its <see cref="DeliveryResponse"/>, whatever it is.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Records">In the order in which the destination answers.</param>
/// <param name="StartedAt">Milliseconds of the caller's clock.</param>
public sealed record DeliveryRequest(long Number, IReadOnlyList<OutboundRecord> Records, long StartedAt);

/// <summary>How a whole call failed.</summary>
public enum FailureKind
{
    /// <summary>Network, time-out (what was sent may be stored), server error, throttled: it passes.</summary>
    Transient,

    /// <summary>Access denied, no such stream, key disabled: somebody has to change something. The destination is parked.</summary>
    Refused,
}

/// <summary>What became of a request.</summary>
public sealed record DeliveryResponse
{
    private DeliveryResponse()
    {
    }

    /// <summary>For each record, by position, null where it was accepted, else the destination's code; null where the whole call failed.</summary>
    public IReadOnlyList<string?>? Codes { get; private init; }

    public FailureKind Kind { get; private init; }

    /// <summary>The destination's code for a call that failed.</summary>
    public string Code { get; private init; } = "";

    public string Detail { get; private init; } = "";

    public static DeliveryResponse Answered(IReadOnlyList<string?> codes) => new() { Codes = codes };

    public static DeliveryResponse Failed(FailureKind kind, string code, string detail) => new() { Kind = kind, Code = code, Detail = detail };
}
