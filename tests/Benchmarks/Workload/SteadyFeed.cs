using System.Diagnostics;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Workload;

/// <summary>
/// Events at a steady rate, in short transactions: an event becomes visible at the end of its own. Each is stamped with its
/// number, from 1, and the instant of its append is kept.
/// </summary>
internal sealed class SteadyFeed(ActivityFeed feed, double ratePerSecond, long eventsMax)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly long[] _appended = new long[eventsMax];
    private long _begin;

    /// <summary>The timestamp of the event's append.</summary>
    public long AppendedAt(long stamp) => _appended[stamp - 1];

    /// <summary>The timestamp at which the event should have been appended; the difference is the feed's own, which waits for its transactions.</summary>
    public long DueAt(long stamp) => Volatile.Read(ref _begin) + (long)((stamp - 1) * Stopwatch.Frequency / ratePerSecond);

    /// <summary>Feeds on this thread until all events are appended or the stop.</summary>
    public void Run(CancellationToken stop)
    {
        var begin = Stopwatch.GetTimestamp();
        Volatile.Write(ref _begin, begin);
        for (var done = 0L; done < _appended.Length && !stop.IsCancellationRequested;)
        {
            var due = Math.Min(_appended.Length, (long)(Stopwatch.GetElapsedTime(begin).TotalSeconds * ratePerSecond));
            for (; done < due; done++)
            {
                _appended[done] = Stopwatch.GetTimestamp();
                feed.Event(stamp: done + 1);
            }

            feed.Commit();
            var next = Interval * Math.Ceiling(Stopwatch.GetElapsedTime(begin) / Interval);
            if (next - Stopwatch.GetElapsedTime(begin) is { Ticks: > 0 } left)
                Thread.Sleep(left);
        }
    }
}
