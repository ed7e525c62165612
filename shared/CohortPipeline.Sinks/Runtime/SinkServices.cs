using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks.Snapshot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks;

public static class SinkServices
{
    /// <summary>
    /// Serves the destinations of one kind: those of the topic <c>destinations</c>, or the one that <c>Sink:Destination</c>
    /// names. Several kinds in one process share options, statuses, what is told of them and the health check.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="create">Makes the kind's factory.</param>
    /// <param name="topics">The topics that the kind uses beside <c>destinations</c>.</param>
    public static void AddSink(this IHostApplicationBuilder builder, Func<IServiceProvider, ISinkFactory> create, Func<PipelineTopics, IEnumerable<TopicSpec>> topics)
    {
        builder.AddValidatedOptions<SinkOptions>(SinkOptions.Section);
        builder.RequireTopics(all => [all.Destinations, all.SinkState, .. topics(all)]);
        builder.Services.TryAddSingleton<SinkStatuses>();
        builder.Services.TryAddSingleton<IMemberSnapshotFactory>(services => new SnapshotStore(services.GetRequiredService<SinkOptions>().StoreFolder));
        if (!builder.Services.Any(service => service.ServiceType == typeof(SinkHealthCheck)))
        {
            builder.Services.AddSingleton<SinkHealthCheck>();
            builder.Services.AddHealthChecks().AddCheck<SinkHealthCheck>("destinations");

            // Before the sinks, so that it stops behind them: draining is told as well.
            builder.AddWorker(services => new SinkReporter(
                services.GetRequiredService<ILog>(),
                services.GetRequiredService<PipelineOptions>().Topics(),
                services.GetRequiredService<SinkStatuses>(),
                SinkInstance.Name,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<SinkReporter>>()));
        }

        builder.AddWorker(services => new SinkWorker(
            services.GetRequiredService<ILog>(),
            services.GetRequiredService<PipelineOptions>().Topics(),
            services.GetRequiredService<SinkOptions>(),
            create(services),
            services.GetRequiredService<SinkStatuses>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SinkWorker>>()));
    }
}
