using System.Diagnostics;
using CohortPipeline.TestKit.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>
/// From an event's append, and from the instant at which it was due, until a reader has its delta, while events come at a
/// steady rate: the feed, the lane and the reader each on a thread. What lies between due and append is the feed's own, which
/// waits for its transactions.
/// </summary>
internal sealed class DeltaLatency(ILog log, PipelineTopics topics, LaneOptions options, Func<ILaneProcessor> createProcessor, ActivityFeed feed, double ratePerSecond)
{
    private const int BatchRecordsMax = 1_000;

    /// <summary>The feed's own transactions: an event becomes visible at its end.</summary>
    public static readonly TimeSpan FeedInterval = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly long[] _appended = new long[(long)((Settling + Measured).TotalSeconds * ratePerSecond)];
    private readonly List<long> _sinceAppend = [];
    private readonly List<long> _sinceDue = [];
    private long _begin;

    public (Latency FromAppend, Latency FromDue) Measure()
    {
        using var stop = new CancellationTokenSource();
        var lane = new Lane(log, options, number: 0, _ => createProcessor(), TimeProvider.System, NullLogger.Instance, stop.Token);
        var running = OnThread(lane.Run);
        while (!lane.IsJoined && !running.IsCompleted)
            Thread.Sleep(FeedInterval);
        using var reader = ReaderAtEnd();
        var reading = OnThread(() => Read(reader, stop.Token));

        Feed();
        Thread.Sleep(Draining);
        stop.Cancel();
        Task.WaitAll(running, reading);
        return (Latency.Of(ratePerSecond, _sinceAppend), Latency.Of(ratePerSecond, _sinceDue));
    }

    private void Feed()
    {
        var begin = Stopwatch.GetTimestamp();
        Volatile.Write(ref _begin, begin);
        for (var done = 0L; done < _appended.Length;)
        {
            var due = Math.Min(_appended.Length, (long)(Stopwatch.GetElapsedTime(begin).TotalSeconds * ratePerSecond));
            for (; done < due; done++)
            {
                _appended[done] = Stopwatch.GetTimestamp();
                feed.Event(stamp: done + 1);
            }

            feed.Commit();
            var next = begin + Ticks(FeedInterval * Math.Ceiling(Stopwatch.GetElapsedTime(begin) / FeedInterval));
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next) is { Ticks: > 0 } left)
                Thread.Sleep(left);
        }
    }

    private ILogReader ReaderAtEnd()
    {
        var reader = log.OpenReader(new(topics.Named("bench-latency")));
        var name = topics.MembershipDeltas.Name;
        reader.Assign([.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new PartitionPosition(name, partition, reader.EndOffset(new(name, partition), Isolation.Uncommitted)))]);
        return reader;
    }

    private void Read(ILogReader reader, CancellationToken stop)
    {
        var deltas = new DeltaReader();
        while (!stop.IsCancellationRequested)
        {
            var batch = reader.Poll(BatchRecordsMax, Wait);
            var now = Stopwatch.GetTimestamp();
            foreach (ref readonly var record in batch.Records)
            {
                if (!deltas.TryRead(record.Value, out var delta, out var error))
                    throw new InvalidOperationException(error);
                var number = ActivityFeed.StampOf(delta.DeviceId) - 1;
                if (!delta.HasSource || number < Settling.TotalSeconds * ratePerSecond)
                    continue;
                _sinceAppend.Add(now - _appended[number]);
                _sinceDue.Add(now - Volatile.Read(ref _begin) - (long)(number * Stopwatch.Frequency / ratePerSecond));
            }
        }
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private static Task OnThread(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
