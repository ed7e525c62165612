using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Workload;

/// <summary>Reads the deltas that come from now on, and says of each that a stamped event led to when it was seen.</summary>
internal sealed class DeltaReading : IDisposable
{
    private const int BatchRecordsMax = 1_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly ILogReader _reader;

    public DeltaReading(ILog log, PipelineTopics topics)
    {
        var name = topics.MembershipDeltas.Name;
        _reader = log.OpenReader(new(topics.Named("bench-latency")));
        _reader.Assign([.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new PartitionPosition(name, partition, _reader.EndOffset(new(name, partition), Isolation.Uncommitted)))]);
    }

    /// <summary>Takes a delta of an event.</summary>
    /// <param name="stamp">The event's.</param>
    /// <param name="now">A timestamp.</param>
    public delegate void Seen(long stamp, int partition, long now);

    /// <summary>Reads on this thread until the stop.</summary>
    public void Run(Seen seen, CancellationToken stop)
    {
        var deltas = new DeltaReader();
        while (!stop.IsCancellationRequested)
        {
            var batch = _reader.Poll(BatchRecordsMax, Wait);
            var now = Stopwatch.GetTimestamp();
            foreach (ref readonly var record in batch.Records)
            {
                if (!deltas.TryRead(record.Value, out var delta, out var error))
                    throw new InvalidOperationException(error);
                if (delta.HasSource && ActivityFeed.StampOf(delta.DeviceId) is var stamp and > 0)
                    seen(stamp, record.Partition, now);
            }
        }
    }

    public void Dispose() => _reader.Dispose();
}
