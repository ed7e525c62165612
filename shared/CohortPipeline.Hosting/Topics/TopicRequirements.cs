using CohortPipeline.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CohortPipeline.Hosting;

/// <summary>What a service needs to be there before its workers start.</summary>
internal sealed record TopicRequirement(Func<PipelineOptions, IEnumerable<TopicSpec>> Ours, Func<PipelineOptions, IEnumerable<string>> Sources);

public static class TopicRequirements
{
    /// <summary>Our own topics that the service uses: created where missing, refused where they contradict their specification.</summary>
    public static void RequireTopics(this IHostApplicationBuilder builder, Func<PipelineTopics, IEnumerable<TopicSpec>> topics) =>
        builder.Services.AddSingleton(new TopicRequirement(options => topics(options.Topics()), _ => []));

    /// <summary>
    /// Producers' topics that the service reads: created where missing, otherwise left as they are, but that with clock
    /// <see cref="ClockKind.Record"/> they must have as many partitions as <c>activity</c>.
    /// </summary>
    public static void RequireSourceTopics(this IHostApplicationBuilder builder, Func<PipelineOptions, IEnumerable<string>> topics) =>
        builder.Services.AddSingleton(new TopicRequirement(_ => [], topics));

    /// <summary>Waits until the log answers and every required topic is there, as workers do.</summary>
    public static Task TopicsReadyAsync(this IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<TopicSetup>().WhenReady(cancellation);
}
