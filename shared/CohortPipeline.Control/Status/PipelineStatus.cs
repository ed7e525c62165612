namespace CohortPipeline.Control;

/// <summary>How far a consumer group is with a topic. <paramref name="Lag"/> is the records and markers between what it has committed and the end.</summary>
public sealed record GroupLag(string Group, string Topic, long End, long Committed, long Lag, IReadOnlyList<PartitionLag> Partitions);

/// <summary>One partition of it; <paramref name="Committed"/> is null where the group has committed nothing yet.</summary>
public sealed record PartitionLag(int Partition, long End, long? Committed)
{
    internal long Lag => Math.Max(0, End - (Committed ?? 0));
}

/// <summary>A cohort as the status shows it.</summary>
public sealed record CohortStatus(string Id, string Name, int Version, long Members, long Enters, long Exits);

/// <summary>The whole pipeline at a glance; <paramref name="CountsComplete"/> is false while control-api is still counting after its start.</summary>
public sealed record PipelineStatus(
    string Log,
    string Clock,
    string Prefix,
    bool CountsComplete,
    IReadOnlyList<CohortStatus> Cohorts,
    IReadOnlyList<DestinationStatus> Destinations,
    IReadOnlyList<GroupLag> Groups);
