using CohortPipeline.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Ingest;

/// <summary>Source topics that would be read twice, or that the pipeline writes itself, are refused before anything starts.</summary>
internal sealed class SourceTopicCheck(IngestSource source) : IStartCheck
{
    public IEnumerable<string> Errors(IServiceProvider services)
    {
        var options = services.GetRequiredService<PipelineOptions>();
        var topics = source.Topics(options);
        if (topics.Length == 0)
            yield return $"{source.Service} has no topic to read: set Pipeline__EventTopics__0 and Pipeline__IdentifyTopics__0.";
        foreach (var shared in options.EventTopics.Intersect(options.IdentifyTopics))
            yield return $"Pipeline:EventTopics and Pipeline:IdentifyTopics both name {shared}: its records would be counted twice. Either accepts every shape; name it once.";
        foreach (var twice in topics.GroupBy(topic => topic).Where(group => group.Count() > 1))
            yield return $"the source topic {twice.Key} is named twice.";
        foreach (var ours in topics.Intersect(options.Topics().All.Select(topic => topic.Name)))
            yield return $"the source topic {ours} is a topic of the pipeline itself: name another, or set Pipeline__Prefix.";
        if (topics.Any(string.IsNullOrWhiteSpace))
            yield return "a source topic without a name.";
    }
}
