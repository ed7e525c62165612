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

    /// <summary>Together with what others counted.</summary>
    public SinkCounts Plus(SinkCounts other) => new(
        Received + other.Received,
        Accepted + other.Accepted,
        DeadLettered + other.DeadLettered,
        Filtered + other.Filtered,
        InFlight + other.InFlight);

    /// <summary>What is left of them when whoever counted has ended: what was in flight will be received again.</summary>
    public SinkCounts WithoutInFlight() => this with { Received = Received - InFlight, InFlight = 0 };
}

/// <summary>How one destination stands in one process, at one moment.</summary>
public sealed record SinkReport(string DestinationId, string Sink, SinkState State, DateTimeOffset Since)
{
    /// <summary>Why it is parked, or what it waits for; empty when all is well.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Of a snapshot or a resync: percent of the rows that are read.</summary>
    public int? Progress { get; init; }

    public SinkCounts Counts { get; init; } = SinkCounts.Zero;

    /// <summary>When the oldest record was received that is neither accepted nor dead-lettered; null: there is none.</summary>
    public DateTimeOffset? OldestUnacceptedAt { get; init; }

    /// <summary>What had to be sent again, by the destination's own code.</summary>
    public IReadOnlyDictionary<string, long> Retries { get; init; } = new Dictionary<string, long>();

    /// <summary>Shards that throttle and are slowed down.</summary>
    public IReadOnlyList<string> ThrottledShards { get; init; } = [];

    /// <summary>Whether it stands where it stood in <paramref name="other"/>, whatever was counted since.</summary>
    public bool StandsAs(SinkReport other) => (State, Reason, Since, Progress) == (other.State, other.Reason, other.Since, other.Progress);

    /// <summary>The state in one word.</summary>
    public string Word => State switch
    {
        SinkState.Starting => "starting",
        SinkState.Snapshot => "snapshot",
        SinkState.Resync => "resync",
        SinkState.Live => "live",
        _ => "parked",
    };

    /// <inheritdoc cref="Describe"/>
    public string Standing => Describe(Word, Progress, Reason);

    /// <summary>The state, how far it is, and why: <c>live</c>, <c>snapshot 43 %</c>, <c>parked: AccessDeniedException</c>.</summary>
    public static string Describe(string state, int? progress, string? reason)
    {
        var reached = progress is { } percent ? $"{state} {percent} %" : state;
        return string.IsNullOrEmpty(reason) ? reached : $"{reached}: {reason}";
    }
}
