using System.Collections.Concurrent;

namespace CohortPipeline.Sinks;

/// <summary>The destinations that this process serves, and how each stands: what health and control show.</summary>
public sealed class SinkStatuses(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SinkStatus> _statuses = new(StringComparer.Ordinal);

    public IReadOnlyList<SinkReport> Reports =>
        [.. _statuses.Values.Select(status => status.Report).OrderBy(report => report.DestinationId, StringComparer.Ordinal)];

    public SinkStatus Open(string destinationId, string sink) => _statuses.GetOrAdd(destinationId, id => new(id, sink, time));

    public void Remove(string destinationId)
    {
        if (_statuses.TryRemove(destinationId, out var status))
            status.Close();
    }
}
