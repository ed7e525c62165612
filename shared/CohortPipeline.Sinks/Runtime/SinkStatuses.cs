using System.Collections.Concurrent;

namespace CohortPipeline.Sinks;

/// <summary>The destinations that this process serves, and how each stands: what health, metrics and control show.</summary>
public sealed class SinkStatuses : IDisposable
{
    private readonly ConcurrentDictionary<string, SinkStatus> _statuses = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly SinksMetrics _metrics;

    public SinkStatuses(TimeProvider time)
    {
        _time = time;
        _metrics = new(() => Reports, time);
    }

    public IReadOnlyList<SinkReport> Reports =>
        [.. _statuses.Values.Select(status => status.Report).OrderBy(report => report.DestinationId, StringComparer.Ordinal)];

    public SinkStatus Open(string destinationId, string sink) => _statuses.GetOrAdd(destinationId, id => new(id, sink, _time));

    public void Remove(string destinationId) => _statuses.TryRemove(destinationId, out _);

    public void Dispose() => _metrics.Dispose();
}
