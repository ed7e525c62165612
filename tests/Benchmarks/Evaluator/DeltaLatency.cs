using System.Diagnostics;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>
/// From the instant at which an event is due until a reader has its delta, while events come at a steady rate: the feed, the
/// lane and the reader each on a thread. An event that the feed appends late counts from when it was due.
/// </summary>
internal sealed class DeltaLatency(ILog log, PipelineTopics topics, LaneOptions options, Func<ILaneProcessor> createProcessor, ActivityFeed feed, double ratePerSecond)
{
    private const int BatchRecordsMax = 1_000;

    /// <summary>The feed's own transactions: an event becomes visible at its end.</summary>
    public static readonly TimeSpan FeedInterval = TimeSpan.FromMilliseconds(10);

    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly List<long> _ticks = [];
    private long _from = long.MaxValue;
    private long _until = long.MaxValue;

    public Latency Measure()
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
        return Latency.Of(ratePerSecond, _ticks);
    }

    private void Feed()
    {
        var begin = Stopwatch.GetTimestamp();
        Volatile.Write(ref _from, begin + Ticks(Settling));
        Volatile.Write(ref _until, begin + Ticks(Settling + Measured));
        var ticksPerEvent = Stopwatch.Frequency / ratePerSecond;
        var events = (long)((Settling + Measured).TotalSeconds * ratePerSecond);
        for (var done = 0L; done < events;)
        {
            var due = Math.Min(events, (long)((Stopwatch.GetTimestamp() - begin) / ticksPerEvent));
            for (; done < due; done++)
                feed.Event(begin + (long)(done * ticksPerEvent));
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
                var stamp = ActivityFeed.StampOf(delta.DeviceId);
                if (delta.HasSource && stamp >= Volatile.Read(ref _from) && stamp < Volatile.Read(ref _until))
                    _ticks.Add(now - stamp);
            }
        }
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private static Task OnThread(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
