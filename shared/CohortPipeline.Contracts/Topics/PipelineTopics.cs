namespace CohortPipeline.Contracts;

/// <summary>The topics of one pipeline: names under its prefix, partition counts, clean-up. Source topics are the producers' own and not listed.</summary>
public sealed class PipelineTopics
{
    private static readonly TimeSpan DeltaRetention = TimeSpan.FromDays(7);
    private static readonly TimeSpan DeadLetterRetention = TimeSpan.FromDays(30);
    private static readonly TimeSpan MembershipCompactionLag = TimeSpan.FromDays(7);

    /// <summary>Sinks tell every few seconds how they stand, and whoever starts reads the topic whole.</summary>
    private static readonly TimeSpan SinkStateCompactionLag = TimeSpan.FromDays(1);

    /// <param name="prefix">Stands before every name, with a dot; empty for none.</param>
    /// <param name="partitionCount">Of every topic but those of definitions and destinations, which have one partition.</param>
    /// <param name="activityRetention">Null keeps activity for good, as imports and the demo do.</param>
    public PipelineTopics(string prefix, int partitionCount, TimeSpan? activityRetention)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        Prefix = prefix;
        PartitionCount = partitionCount;
        Activity = new(Named("activity"), partitionCount, TopicCleanup.Delete, activityRetention);
        CohortDefinitions = new(Named("cohort-definitions"), 1, TopicCleanup.Compact);
        CohortStatus = new(Named("cohort-status"), 1, TopicCleanup.Compact);
        Destinations = new(Named("destinations"), 1, TopicCleanup.Compact);
        MembershipDeltas = new(Named("membership-deltas"), partitionCount, TopicCleanup.Delete, DeltaRetention);
        Memberships = new(Named("memberships"), partitionCount, TopicCleanup.Compact, MinCompactionLag: MembershipCompactionLag);
        EvaluatorChangelog = new(Named("evaluator-changelog"), partitionCount, TopicCleanup.Compact);
        DeadLetters = new(Named("dead-letters"), partitionCount, TopicCleanup.Delete, DeadLetterRetention);
        SinkState = new(Named("sink-state"), 1, TopicCleanup.Compact) { MaxCompactionLag = SinkStateCompactionLag };
    }

    public string Prefix { get; }

    public int PartitionCount { get; }

    public TopicSpec Activity { get; }

    public TopicSpec CohortDefinitions { get; }

    public TopicSpec CohortStatus { get; }

    public TopicSpec Destinations { get; }

    public TopicSpec MembershipDeltas { get; }

    public TopicSpec Memberships { get; }

    public TopicSpec EvaluatorChangelog { get; }

    public TopicSpec DeadLetters { get; }

    public TopicSpec SinkState { get; }

    public IReadOnlyList<TopicSpec> All =>
    [
        Activity, CohortDefinitions, CohortStatus, Destinations, MembershipDeltas, Memberships, EvaluatorChangelog, DeadLetters, SinkState,
    ];

    /// <summary>A name of this pipeline: a topic's, a consumer group's or a transactional id's.</summary>
    public string Named(string name) => Prefix.Length == 0 ? name : $"{Prefix}.{name}";
}
