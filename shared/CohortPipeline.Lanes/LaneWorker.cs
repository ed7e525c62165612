using System.Collections.Concurrent;
using CohortPipeline.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

/// <summary>
/// Hosts the lanes of a service, each on a thread of its own. A lane that must not go on (fenced, a broken invariant) stops
/// the whole service with exit code 1: whoever supervises it starts it again from what is committed.
/// </summary>
public sealed class LaneWorker(
    ILog log,
    LaneOptions options,
    Func<ILogReader, ILaneProcessor> createProcessor,
    TimeProvider time,
    ILogger<LaneWorker> logger,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly ConcurrentBag<Lane> _lanes = [];

    /// <summary>True once every lane has joined its group and has restored what it was given.</summary>
    public bool IsReady => _lanes.Count == options.LaneCount && _lanes.All(lane => lane.IsJoined);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new Task[options.LaneCount];
        for (var number = 0; number < running.Length; number++)
        {
            var lane = new Lane(log, options, number, createProcessor, time, logger, stoppingToken);
            _lanes.Add(lane);
            running[number] = RunOnThread(lane, number);
        }

        return Task.WhenAll(running);
    }

    private Task RunOnThread(Lane lane, int number)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                lane.Run();
            }
            catch (Exception exception)
            {
                LogEvents.Failed(logger, exception, $"{options.TransactionalId}.{number}", exception.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
            }

            ended.SetResult();
        })
        {
            Name = $"lane-{options.Group}-{number}",
            IsBackground = true,
        };
        thread.Start();
        return ended.Task;
    }
}
