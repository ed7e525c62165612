namespace CohortPipeline.Contracts;

/// <summary>The consumer groups of one pipeline, under its prefix. A service's transactional ids begin with the name of its group.</summary>
public sealed class PipelineGroups(PipelineTopics topics)
{
    public string EventIngest { get; } = topics.Named("event-ingest");

    public string IdentifyIngest { get; } = topics.Named("identify-ingest");

    public string Evaluator { get; } = topics.Named("membership-evaluator");

    /// <summary>The transactional id of everything that changes definitions and destinations; it is no group.</summary>
    public string Control { get; } = topics.Named("control");

    /// <summary>One group for each destination.</summary>
    public string Sink(string destinationId) => topics.Named($"sink.{destinationId}");
}
