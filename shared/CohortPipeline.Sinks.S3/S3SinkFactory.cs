using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Sinks.S3.Syncing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.S3;

/// <summary>Makes the runners of S3 destinations.</summary>
internal sealed class S3SinkFactory(
    ILog log,
    PipelineTopics topics,
    IObjectStoreFactory stores,
    IMemberSnapshotFactory snapshots,
    SinkOptions options,
    TimeProvider clock,
    ILogger<S3SinkFactory> logger) : ISinkFactory
{
    public string Sink => S3Destination.SinkName;

    public ISinkRunner Create(Destination destination, SinkStatus status)
    {
        var ours = (S3Destination)destination;
        var parts = new RunnerParts(ours, log, topics, stores, snapshots, status, new(status, clock), clock, Random.Shared.NextDouble, logger);
        return new DestinationLoop(parts, options.DrainDeadline);
    }
}

public static class S3Sink
{
    /// <summary>Serves the S3 destinations of the pipeline: three CSV files and a manifest a cohort and sync.</summary>
    public static void AddS3Sink(this IHostApplicationBuilder builder)
    {
        builder.AddSink(
            services => new S3SinkFactory(
                services.GetRequiredService<ILog>(),
                services.GetRequiredService<PipelineOptions>().Topics(),
                new ObjectStores(services.GetRequiredService<TimeProvider>()),
                services.GetRequiredService<IMemberSnapshotFactory>(),
                services.GetRequiredService<SinkOptions>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<S3SinkFactory>>()),
            topics => [topics.CohortDefinitions, topics.Memberships, topics.DeadLetters]);
    }
}
