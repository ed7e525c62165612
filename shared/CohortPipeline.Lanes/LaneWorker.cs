using System.Collections.Concurrent;
using CohortPipeline.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

/// <summary>
/// Hosts the lanes of a service, each on a thread of its own. A lane that must not go on (fenced, a broken invariant) ends
/// all of them with its exception: whoever supervises the service starts it again from what is committed.
/// </summary>
public sealed class LaneWorker(
    ILog log,
    LaneOptions options,
    Func<ILogReader, ILaneProcessor> createProcessor,
    TimeProvider time,
    ILogger<LaneWorker> logger) : BackgroundService, IHealthCheck
{
    private readonly ConcurrentBag<Lane> _lanes = [];

    /// <summary>
    /// Healthy once every lane has joined its group and has restored what it was given, perhaps nothing, and while none waits
    /// for the log.
    /// </summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var joined = _lanes.Count(lane => lane.IsJoined);
        var text = $"{joined} of {options.LaneCount} lanes joined group {options.Group}";
        if (_lanes.Select(lane => lane.WaitingFor).FirstOrDefault(reason => reason is not null) is { } reason)
            return Task.FromResult(HealthCheckResult.Unhealthy($"{text}; waiting for the log: {reason}"));
        return Task.FromResult(joined == options.LaneCount ? HealthCheckResult.Healthy(text) : HealthCheckResult.Unhealthy(text));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var running = Enumerable.Range(0, options.LaneCount).Select(number => RunOnThread(number, stop)).ToArray();
        await Task.WhenAll(running);
    }

    private Task RunOnThread(int number, CancellationTokenSource stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                var lane = new Lane(log, options, number, createProcessor, time, logger, stop.Token);
                _lanes.Add(lane);
                lane.Run();
                ended.SetResult();
            }
            catch (Exception exception)
            {
                LogEvents.Failed(logger, $"{options.TransactionalId}.{number}", exception.Message);
                stop.Cancel();
                ended.SetException(exception);
            }
        })
        {
            Name = $"lane-{options.Group}-{number}",
            IsBackground = true,
        };
        thread.Start();
        return ended.Task;
    }
}
