namespace CohortPipeline.Sinks;

/// <summary>How a whole call failed.</summary>
public enum FailureKind
{
    /// <summary>Network, time-out (what was sent may be stored), server error, throttled: it passes.</summary>
    Transient,

    /// <summary>Access denied, no such stream, key disabled: somebody has to change something. The destination is parked.</summary>
    Refused,
}

/// <summary>
/// Whether a destination may be called. After a call that failed as a whole nothing starts before a wait is over, and then one
/// call at a time until one gets through. Pure: time is an argument, in milliseconds of any clock that does not go back.
/// </summary>
public sealed class CallGate(ulong jitterSeed)
{
    /// <summary>A destination that has not answered for this many calls in a row is shown as parked, whatever the reason.</summary>
    private const int FailedCallsToPark = 5;

    private long _failedAt = long.MinValue;
    private int _failedCalls;

    /// <summary>Nothing starts before.</summary>
    public long ClosedUntil { get; private set; }

    /// <summary>Why the destination is parked; null if it is not.</summary>
    public string? ParkedReason { get; private set; }

    /// <summary>Most calls under way, where <paramref name="otherwise"/> is the bound in good times.</summary>
    public int CallsMax(int otherwise) => _failedCalls > 0 ? 1 : otherwise;

    public void Answered()
    {
        _failedCalls = 0;
        ClosedUntil = 0;
        ParkedReason = null;
    }

    /// <param name="startedAt">When the call started: several that were under way together are one failure of the destination.</param>
    /// <param name="number">The call's, which its jitter is drawn by.</param>
    /// <param name="kind">Whether it passes by itself.</param>
    /// <param name="reason">For a person.</param>
    /// <param name="now">When the failure came back.</param>
    public void Failed(long startedAt, long number, FailureKind kind, string reason, long now)
    {
        if (startedAt >= _failedAt)
        {
            _failedCalls++;
            _failedAt = now;
            ClosedUntil = now + RetryPlan.OfCalls.Delay(jitterSeed, number, _failedCalls);
        }

        if (kind == FailureKind.Refused || _failedCalls >= FailedCallsToPark)
            ParkedReason = reason;
    }
}
