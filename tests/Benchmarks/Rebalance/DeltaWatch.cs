using System.Diagnostics;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Rebalance;

/// <summary>An event's delta: where it came, and when the event was appended and the delta seen, as timestamps.</summary>
internal readonly record struct SeenDelta(int Partition, long Appended, long Seen);

/// <summary>Feeds events at a steady rate and watches their deltas, each on a thread of its own, until it is stopped.</summary>
internal sealed class DeltaWatch : IDisposable
{
    private static readonly TimeSpan FeedMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stopFeeding = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly DeltaReading _reading;
    private readonly SteadyFeed _feed;
    private readonly long[] _newest;
    private readonly List<SeenDelta> _seen = [];
    private readonly Task _feeding;
    private readonly Task _watching;

    public DeltaWatch(ILog log, PipelineTopics topics, ActivityFeed feed, double ratePerSecond)
    {
        _newest = new long[topics.PartitionCount];
        _feed = new(stamp => feed.Event(stamp: stamp), feed.Commit, ratePerSecond, (long)(FeedMax.TotalSeconds * ratePerSecond));
        _reading = new(log, topics);
        _watching = OwnThread.Run(() => _reading.Run(Add, _stopReading.Token));
        _feeding = OwnThread.Run(() => _feed.Run(_stopFeeding.Token));
    }

    /// <summary>Everything seen, in this order; to be read after <see cref="StopAsync"/>.</summary>
    public IReadOnlyList<SeenDelta> Deltas => _seen;

    /// <summary>Waits until these partitions have deltas of events that were appended after the call.</summary>
    public Task SeenInAsync(IEnumerable<int> partitions)
    {
        var since = Stopwatch.GetTimestamp();
        return Eventually.HoldsAsync(
            _ => Task.FromResult(
                (_feeding.Exception ?? _watching.Exception) is { } failure ? throw failure
                : partitions.Where(partition => Volatile.Read(ref _newest[partition]) < since).ToArray() is { Length: > 0 } missing ? $"no deltas in {string.Join(", ", missing)}"
                : null),
            Patience,
            CancellationToken.None);
    }

    /// <summary>Ends the feed, then, once every partition has had time to show its last deltas, the reader.</summary>
    public async Task StopAsync(Func<Task> drain)
    {
        await _stopFeeding.CancelAsync();
        await _feeding;
        await drain();
        await _stopReading.CancelAsync();
        await _watching;
    }

    public void Dispose()
    {
        _stopFeeding.Cancel();
        _stopReading.Cancel();
        ((IAsyncResult)Task.WhenAll(_feeding, _watching)).AsyncWaitHandle.WaitOne();
        _reading.Dispose();
        _stopFeeding.Dispose();
        _stopReading.Dispose();
    }

    private void Add(long stamp, int partition, long now)
    {
        var appended = _feed.AppendedAt(stamp);
        _seen.Add(new(partition, appended, now));
        Volatile.Write(ref _newest[partition], Math.Max(appended, _newest[partition]));
    }
}
