namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// Brings what several partitions say together into the one status of their destination: it is parked while any of them is
/// refused. Written by the runner and its uploads.
/// </summary>
internal sealed class DestinationStanding(SinkStatus status)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, string> _parked = [];
    private string _waitingFor = "";

    public bool IsParked
    {
        get
        {
            lock (_lock)
                return _parked.Count > 0;
        }
    }

    /// <summary>The group is joined; cohorts that do not exist yet are waited for, and some may have to be told anew.</summary>
    public void Live(IReadOnlyList<string> missingCohorts, IReadOnlyList<string> resyncs)
    {
        lock (_lock)
        {
            _waitingFor = string.Join("; ", new[] { Named("waiting for cohorts that do not exist yet", missingCohorts), Named("resync at the next boundary", resyncs) }.Where(text => text.Length > 0));
            Tell();
        }
    }

    /// <summary>A call has to be made again.</summary>
    public void Retried(string code) => status.Retried(code, 1);

    /// <summary>True where the partition was not parked for this already.</summary>
    public bool Park(int partition, string reason)
    {
        lock (_lock)
        {
            var isNews = !_parked.TryGetValue(partition, out var known) || known != reason;
            _parked[partition] = reason;
            Tell();
            return isNews;
        }
    }

    /// <summary>True where the partition was parked.</summary>
    public bool Unpark(int partition)
    {
        lock (_lock)
        {
            var wasParked = _parked.Remove(partition);
            if (wasParked)
                Tell();
            return wasParked;
        }
    }

    private static string Named(string what, IReadOnlyList<string> cohorts) => cohorts.Count == 0 ? "" : $"{what}: {string.Join(", ", cohorts)}";

    private void Tell()
    {
        if (_parked.Count > 0)
            status.Park(_parked.Values.First());
        else
            status.Live(_waitingFor);
    }
}
