using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.SchemaRegistry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Ingest;

public static class IngestHosting
{
    /// <summary>Adds an ingest service: its lanes from the producers' topics to <c>activity</c>, started once the topics are there.</summary>
    public static void AddIngest(this IHostApplicationBuilder builder, IngestSource source)
    {
        builder.AddValidatedOptions<IngestOptions>(IngestOptions.Section);
        builder.Services.AddSingleton<IStartCheck>(new SourceTopicCheck(source));
        builder.RequireSourceTopics(source.Topics);
        builder.RequireTopics(topics => [topics.Activity, topics.DeadLetters]);
        builder.AddSchemaRegistration();
        builder.AddLanes(source.Service, services => LaneOptions(services, source), (services, _) => CreateProcessor(services, source));
    }

    private static LaneOptions LaneOptions(IServiceProvider services, IngestSource source)
    {
        var pipeline = services.GetRequiredService<PipelineOptions>();
        var options = services.GetRequiredService<IngestOptions>();
        var group = source.Group(pipeline.Topics());
        return new()
        {
            Group = group,
            Topics = source.Topics(pipeline),
            TransactionalId = $"{group}.{pipeline.Instance}",
            IsStaticMember = pipeline.StaticMembers,
            LaneCount = options.Lanes,
            CommitInterval = options.CommitInterval,
            CommitBytesMax = pipeline.TransactionBytesMax,
        };
    }

    private static IngestProcessor CreateProcessor(IServiceProvider services, IngestSource source)
    {
        var topics = services.GetRequiredService<PipelineOptions>().Topics();
        return new(
            services.GetRequiredService<IngestOptions>(),
            topics,
            source.Service,
            source.Group(topics),
            services.GetRequiredService<ILog>().Admin,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<IngestProcessor>>());
    }
}
