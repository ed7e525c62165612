using System.Diagnostics;

namespace CohortPipeline.Benchmarks.Workload;

/// <summary>
/// Events at a steady rate, in short transactions: an event becomes visible at the end of its own. Each is stamped with its
/// number, from 1, and the instant of its append is kept.
/// </summary>
/// <param name="append">Appends the event of a stamp.</param>
/// <param name="commit">Ends the transaction.</param>
internal sealed class SteadyFeed(Action<long> append, Action commit, double ratePerSecond, long eventsMax)
{
    /// <summary>Between commits while much comes, as a busy ingest makes them.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Between commits while little comes, as an ingest does that commits once it has read all.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(10);

    private const double LittlePerSecond = 1_000;

    private readonly TimeSpan _interval = ratePerSecond < LittlePerSecond ? IdleInterval : Interval;
    private readonly long[] _appended = new long[eventsMax];
    private readonly long[] _visible = new long[eventsMax];
    private long _begin;

    /// <summary>The timestamp of the event's append.</summary>
    public long AppendedAt(long stamp) => _appended[stamp - 1];

    /// <summary>The timestamp of the end of the event's transaction, from when on it can be read; known once the feed is done.</summary>
    public long VisibleAt(long stamp) => _visible[stamp - 1];

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
            var first = done;
            for (; done < due; done++)
            {
                _appended[done] = Stopwatch.GetTimestamp();
                append(done + 1);
            }

            commit();
            Array.Fill(_visible, Stopwatch.GetTimestamp(), (int)first, (int)(done - first));
            var next = _interval * Math.Ceiling(Stopwatch.GetElapsedTime(begin) / _interval);
            if (next - Stopwatch.GetElapsedTime(begin) is { Ticks: > 0 } left)
                Thread.Sleep(left);
        }
    }
}
