using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks.Snapshot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

public static class KinesisServices
{
    /// <summary>Serves Kinesis destinations: the one that <c>Sink:Destination</c> names, or all of them.</summary>
    public static void AddKinesisSink(this IHostApplicationBuilder builder) =>
        builder.AddSink(
            services => new KinesisSinkFactory(new(
                services.GetRequiredService<ILog>(),
                services.GetRequiredService<PipelineOptions>().Topics(),
                services.GetRequiredService<SinkOptions>(),
                services.GetRequiredService<IMemberSnapshotFactory>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>().CreateLogger("CohortPipeline.Sinks.Kinesis"))),
            topics => [topics.Activity, topics.CohortDefinitions, topics.MembershipDeltas, topics.Memberships, topics.SinkState, topics.DeadLetters]);
}
