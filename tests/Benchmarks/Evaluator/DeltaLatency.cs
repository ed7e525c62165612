using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>
/// From an event's append, from the end of its transaction, and from the instant at which it was due, until a reader has its
/// delta, while events come at a steady rate: the feed, the lanes and the reader each on a thread.
/// </summary>
internal sealed class DeltaLatency(ILog log, PipelineTopics topics, LaneOptions options, Func<ILaneProcessor> createProcessor, ActivityFeed feed, double ratePerSecond, TimeSpan settling)
{

    public static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(2);

    private readonly SteadyFeed _feed = new(stamp => feed.Event(stamp: stamp), feed.Commit, ratePerSecond, (long)((settling + Measured).TotalSeconds * ratePerSecond));
    private readonly List<(long Stamp, long SeenAt)> _seen = [];

    public DeltaLatencies Measure()
    {
        using var stop = new CancellationTokenSource();
        using var lanes = new LaneWorker(log, options, _ => createProcessor(), TimeProvider.System, NullLogger<LaneWorker>.Instance);
        lanes.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        while (!IsReady(lanes) && !lanes.ExecuteTask!.IsCompleted)
            Thread.Sleep(SteadyFeed.Interval);
        using var deltas = new DeltaReading(log, topics);
        var reading = OwnThread.Run(() => deltas.Run(Add, stop.Token));

        _feed.Run(CancellationToken.None);
        Thread.Sleep(Draining);
        stop.Cancel();
        reading.Wait();
        lanes.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        return new(Since(_feed.AppendedAt), Since(_feed.VisibleAt), Since(_feed.DueAt));
    }

    private static bool IsReady(LaneWorker lanes) =>
        lanes.CheckHealthAsync(new()).GetAwaiter().GetResult().Status == HealthStatus.Healthy;

    private void Add(long stamp, int partition, long now)
    {
        if (stamp > settling.TotalSeconds * ratePerSecond)
            _seen.Add((stamp, now));
    }

    private Latency Since(Func<long, long> begin) => Latency.Of(ratePerSecond, [.. _seen.Select(seen => Math.Max(0, seen.SeenAt - begin(seen.Stamp)))]);
}

/// <summary>How long deltas took, from three beginnings.</summary>
internal sealed record DeltaLatencies(Latency FromAppend, Latency FromVisible, Latency FromDue);
