using CohortPipeline.Contracts;
using CohortPipeline.Hosting;

namespace CohortPipeline.Ingest;

/// <summary>Which of the producers' topics an ingest service reads. Both accept every shape.</summary>
public sealed class IngestSource
{
    private readonly Func<PipelineOptions, string[]> _topics;
    private readonly Func<PipelineGroups, string> _group;

    private IngestSource(string service, Func<PipelineOptions, string[]> topics, Func<PipelineGroups, string> group)
    {
        Service = service;
        _topics = topics;
        _group = group;
    }

    public static IngestSource Events { get; } = new("event-ingest", options => options.EventTopics, groups => groups.EventIngest);

    public static IngestSource Identifies { get; } = new("identify-ingest", options => options.IdentifyTopics, groups => groups.IdentifyIngest);

    /// <summary>Name of the service.</summary>
    public string Service { get; }

    public string[] Topics(PipelineOptions options) => _topics(options);

    public string Group(PipelineTopics topics) => _group(new(topics));
}
