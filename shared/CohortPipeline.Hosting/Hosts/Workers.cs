using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Hosting;

public static class Workers
{
    /// <summary>
    /// Adds a background worker that starts once the log answers and the topics are there, and not before. One that fails
    /// stops the process with exit code 1. Several workers of one type are several workers.
    /// </summary>
    public static void AddWorker<T>(this IHostApplicationBuilder builder, Func<IServiceProvider, T> create)
        where T : BackgroundService =>
        builder.Services.AddSingleton<IHostedService>(services => new GatedWorker(
            create(services),
            services.GetRequiredService<TopicSetup>(),
            services.GetRequiredService<ILogger<GatedWorker>>(),
            services.GetRequiredService<IHostApplicationLifetime>()));
}

/// <summary>A worker behind the set-up of the topics.</summary>
internal sealed class GatedWorker(BackgroundService worker, TopicSetup topics, ILogger<GatedWorker> logger, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await topics.WhenReady(stoppingToken);

            // The worker's own stopping token is linked to this one.
            await worker.StartAsync(stoppingToken);
            await worker.ExecuteTask!;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop while waiting or working is how it ends.
        }
        catch (Exception exception)
        {
            LogEvents.WorkerFailed(logger, exception, worker.GetType().Name, exception.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    public override void Dispose()
    {
        worker.Dispose();
        base.Dispose();
    }
}
