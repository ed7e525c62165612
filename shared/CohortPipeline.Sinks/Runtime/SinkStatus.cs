namespace CohortPipeline.Sinks;

public enum SinkState
{
    /// <summary>Waits for its definition or the log, or joins its group.</summary>
    Starting,

    /// <summary>Sends the members there are, before the first delta.</summary>
    Snapshot,

    /// <summary>Deltas were gone before they were delivered: sends the present state of all that they may have changed.</summary>
    Resync,

    Live,

    /// <summary>The destination refuses: it is tried again with back-off, and nothing moves until it accepts.</summary>
    Parked,
}

/// <summary>
/// Records, counted since the process started: received = accepted + dead-lettered + filtered + in flight, at any moment.
/// What is given back at a rebalance, to be read again by its new owner, is taken off <paramref name="Received"/>.
/// </summary>
public sealed record SinkCounts(long Received, long Accepted, long DeadLettered, long Filtered, long InFlight)
{
    public static SinkCounts Zero { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>
/// How one destination stands, at one moment. <paramref name="Reason"/> says why it is parked, or what it waits for, and is
/// empty when all is well; <paramref name="Since"/> is when it came into this state; <paramref name="OldestUnaccepted"/> is
/// the age of the oldest record that was received and is neither accepted nor dead-lettered.
/// </summary>
public sealed record SinkReport(string DestinationId, string Sink, SinkState State, string Reason, DateTimeOffset Since, SinkCounts Counts, TimeSpan? OldestUnaccepted);

/// <summary>What a runner says of its destination. Written by the runner, read by health, metrics and control; any thread may call it.</summary>
public sealed class SinkStatus(string destinationId, string sink, TimeProvider time)
{
    private readonly Lock _lock = new();
    private SinkState _state;
    private string _reason = "";
    private DateTimeOffset _since = time.GetUtcNow();
    private SinkCounts _counts = SinkCounts.Zero;
    private DateTimeOffset? _oldestReceivedAt;

    public string DestinationId => destinationId;

    public SinkReport Report
    {
        get
        {
            lock (_lock)
                return new(destinationId, sink, _state, _reason, _since, _counts, _oldestReceivedAt is { } oldest ? time.GetUtcNow() - oldest : null);
        }
    }

    public void Starting(string waitingFor = "") => Set(SinkState.Starting, waitingFor);

    /// <summary>A start is under way, so far.</summary>
    public void Starts(SinkState state, string progress) => Set(state, progress);

    /// <summary>It delivers; <paramref name="waitingFor"/> names what a part of it still waits for, a cohort that does not exist yet. True if this is new.</summary>
    public bool Live(string waitingFor = "") => Set(SinkState.Live, waitingFor);

    /// <summary>True if it was not parked for this reason already: worth a line in the log.</summary>
    public bool Park(string reason) => Set(SinkState.Parked, reason);

    /// <summary>Publishes new counts, and the instant at which the oldest unaccepted record was received.</summary>
    public void Count(SinkCounts counts, DateTimeOffset? oldestReceivedAt)
    {
        lock (_lock)
        {
            SinksMetrics.Count(destinationId, _counts, counts);
            _counts = counts;
            _oldestReceivedAt = oldestReceivedAt;
        }
    }

    /// <summary>The destination is served no more: what it adds to gauges is taken off.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            SinksMetrics.Count(destinationId, _counts, _counts with { InFlight = 0 });
            if (_state == SinkState.Parked)
                SinksMetrics.Parked(destinationId, sink, -1);
            _state = SinkState.Starting;
        }
    }

    private bool Set(SinkState state, string reason)
    {
        lock (_lock)
        {
            if (_state == state && _reason == reason)
                return false;
            if ((_state == SinkState.Parked) != (state == SinkState.Parked))
                SinksMetrics.Parked(destinationId, sink, state == SinkState.Parked ? 1 : -1);
            (_state, _reason, _since) = (state, reason, time.GetUtcNow());
            return true;
        }
    }
}
