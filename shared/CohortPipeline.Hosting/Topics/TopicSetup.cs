using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Hosting;

/// <summary>
/// Waits for the log, with back-off, then creates the topics that this process needs or checks those that are there. Workers
/// start behind it (<see cref="Workers.AddWorker"/>). A topic that contradicts its specification stops the process.
/// </summary>
internal sealed class TopicSetup(
    ILog log,
    PipelineOptions options,
    IEnumerable<TopicRequirement> requirements,
    TimeProvider time,
    ILogger<TopicSetup> logger,
    IHostApplicationLifetime lifetime) : BackgroundService, IHealthCheck
{
    /// <summary>How long producers' records stay in a source topic that we had to create; with clock <c>record</c> they stay for good.</summary>
    private static readonly TimeSpan SourceRetention = TimeSpan.FromDays(7);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _waitingFor = "not asked yet";

    public Task WhenReady(CancellationToken cancellation) => _ready.Task.WaitAsync(cancellation);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_ready.Task.IsCompletedSuccessfully
            ? HealthCheckResult.Healthy("topics are there")
            : HealthCheckResult.Unhealthy($"waiting for the log: {_waitingFor}"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 0; !stoppingToken.IsCancellationRequested; attempt++)
        {
            try
            {
                await Run(stoppingToken);
                return;
            }
            catch (LogUnavailableException exception)
            {
                var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
                _waitingFor = exception.Message;
                LogEvents.LogUnavailable(logger, exception.Message, delay.TotalSeconds);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (LogException exception)
            {
                Refuse([exception.Message]);
                return;
            }
        }
    }

    private async Task Run(CancellationToken cancellation)
    {
        var errors = new List<string>();
        foreach (var topic in requirements.SelectMany(requirement => requirement.Ours(options)).DistinctBy(topic => topic.Name))
        {
            var found = await FindOrCreate(topic, cancellation);
            errors.AddRange(TopicCheck.Ours(topic, found));
        }

        foreach (var name in requirements.SelectMany(requirement => requirement.Sources(options)).Distinct())
        {
            var found = await FindOrCreate(SourceTopic(name), cancellation);
            errors.AddRange(TopicCheck.Source(options, found));
        }

        if (errors.Count > 0)
            Refuse(errors);
        else
            _ready.SetResult();
    }

    private TopicSpec SourceTopic(string name) =>
        new(name, options.PartitionCount, TopicCleanup.Delete, options.Clock == ClockKind.Record ? null : SourceRetention);

    private async Task<TopicDescription> FindOrCreate(TopicSpec topic, CancellationToken cancellation)
    {
        if (await log.Admin.DescribeAsync(topic.Name, cancellation) is { } found)
            return found;
        await log.Admin.CreateAsync(topic, cancellation);
        LogEvents.TopicCreated(logger, topic.Name, topic.PartitionCount);

        // Another service may have created it first, or the cluster may not show it yet.
        return await log.Admin.DescribeAsync(topic.Name, cancellation)
            ?? throw new LogUnavailableException($"topic {topic.Name} was created and is not there yet");
    }

    private void Refuse(List<string> errors)
    {
        LogEvents.TopicsRefused(logger, string.Join("; ", errors));
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
