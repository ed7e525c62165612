namespace CohortPipeline.Sinks;

/// <summary>What a runner says of its destination. Written by the runner, read by health, metrics and control; any thread may call it.</summary>
public sealed class SinkStatus(string destinationId, string sink, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _retries = new(StringComparer.Ordinal);
    private SinkState _state;
    private string _reason = "";
    private int? _progress;
    private DateTimeOffset _since = time.GetUtcNow();
    private SinkCounts _before = SinkCounts.Zero;
    private SinkCounts _counts = SinkCounts.Zero;
    private DateTimeOffset? _oldestReceivedAt;
    private IReadOnlyList<string> _throttledShards = [];

    public string DestinationId => destinationId;

    public SinkReport Report
    {
        get
        {
            lock (_lock)
            {
                return new(destinationId, sink, _state, _since)
                {
                    Reason = _reason,
                    Progress = _progress,
                    Counts = _before.Plus(_counts),
                    OldestUnacceptedAt = _oldestReceivedAt,
                    Retries = new Dictionary<string, long>(_retries, StringComparer.Ordinal),
                    ThrottledShards = _throttledShards,
                };
            }
        }
    }

    /// <summary>How it stands, without what is counted.</summary>
    public SinkState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    public void Starting(string waitingFor = "") => Set(SinkState.Starting, waitingFor);

    /// <summary>A start is under way: <see cref="SinkState.Snapshot"/> or <see cref="SinkState.Resync"/>, so many percent of its rows read; <paramref name="added"/> names its cohorts where others are delivered meanwhile.</summary>
    public void Starts(SinkState state, string added, int progress) => Set(state, added, progress);

    /// <summary>It delivers; <paramref name="waitingFor"/> names what a part of it still waits for, a cohort that does not exist yet. True if this is new.</summary>
    public bool Live(string waitingFor = "") => Set(SinkState.Live, waitingFor);

    /// <summary>True if it was not parked for this reason already: worth a line in the log.</summary>
    public bool Park(string reason) => Set(SinkState.Parked, reason);

    /// <summary>Publishes new counts, those of this run, and the instant at which the oldest unaccepted record was received.</summary>
    public void Count(SinkCounts counts, DateTimeOffset? oldestReceivedAt)
    {
        lock (_lock)
            (_counts, _oldestReceivedAt) = (counts, oldestReceivedAt);
    }

    /// <summary>Counts what has to be sent again; <paramref name="code"/> is the destination's own word for why, such as <c>ProvisionedThroughputExceededException</c>.</summary>
    public void Retried(string code, long count)
    {
        lock (_lock)
            _retries[code] = _retries.GetValueOrDefault(code) + count;
    }

    public void Throttled(IReadOnlyList<string> shards)
    {
        lock (_lock)
            _throttledShards = shards;
    }

    /// <summary>A new run counts from nothing: what was in flight in the one before will be received again.</summary>
    internal void Begin()
    {
        lock (_lock)
        {
            _before = _before.Plus(_counts).WithoutInFlight();
            (_counts, _oldestReceivedAt, _throttledShards) = (SinkCounts.Zero, null, []);
        }

        Starting();
    }

    private bool Set(SinkState state, string reason, int? progress = null)
    {
        lock (_lock)
        {
            var isNew = _state != state || _reason != reason;
            if (isNew)
                (_state, _reason, _since) = (state, reason, time.GetUtcNow());
            _progress = progress;
            return isNew;
        }
    }
}
