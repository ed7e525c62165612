using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Evaluator;

public static class EvaluatorService
{
    private const string Name = "membership-evaluator";

    /// <summary>Adds the membership evaluator: <c>activity</c> to deltas, membership rows and its own changelog.</summary>
    public static void AddEvaluator(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<EvaluatorOptions>(EvaluatorOptions.Section);
        builder.RequireTopics(topics => [topics.Activity, topics.MembershipDeltas, topics.Memberships, topics.EvaluatorChangelog, topics.DeadLetters]);
        builder.AddLanes(Name, LaneOptionsOf, CreateProcessor);
    }

    private static LaneOptions LaneOptionsOf(IServiceProvider services)
    {
        var pipeline = services.GetRequiredService<PipelineOptions>();
        var options = services.GetRequiredService<EvaluatorOptions>();
        var topics = pipeline.Topics();
        var group = EvaluatorProcessor.GroupOf(topics);
        return new()
        {
            Group = group,
            Topics = [topics.Activity.Name],
            TransactionalId = $"{group}.{pipeline.Instance}",
            IsStaticMember = pipeline.StaticMembers,
            LaneCount = options.Lanes,
            CommitInterval = options.CommitInterval,
            CommitBytesMax = pipeline.TransactionBytesMax,
        };
    }

    private static EvaluatorProcessor CreateProcessor(IServiceProvider services, ILogReader reader) => new(
        services.GetRequiredService<PipelineOptions>(),
        services.GetRequiredService<EvaluatorOptions>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<EvaluatorProcessor>>());
}
