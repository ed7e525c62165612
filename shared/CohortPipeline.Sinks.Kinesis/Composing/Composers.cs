using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Which topic a destination reads, and what makes its records.</summary>
public static class Composers
{
    public static TopicSpec TopicOf(KinesisDestination destination, PipelineTopics topics) =>
        destination.Format == KinesisFormat.Events ? topics.Activity : topics.MembershipDeltas;

    public static RecordComposer Create(KinesisDestination destination, ComposerSeams seams) => destination.Format switch
    {
        KinesisFormat.Events => new EventComposer(destination, seams),
        KinesisFormat.LyticsTrigger => new LyticsComposer(destination, seams),
        _ when destination.IdentifierField is null && destination.UsersPerRecord > 1 => new AmplitudeBatchComposer(destination, seams),
        _ => new AmplitudeUserComposer(destination, seams),
    };
}
