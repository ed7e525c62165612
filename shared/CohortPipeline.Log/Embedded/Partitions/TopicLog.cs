using CohortPipeline.Contracts;

namespace CohortPipeline.Log.Embedded.Partitions;

/// <summary>A topic and its partitions, by number.</summary>
internal sealed class TopicLog(TopicSpec spec, PartitionLog[] partitions)
{
    public TopicSpec Spec { get; } = spec;

    public PartitionLog[] Partitions { get; } = partitions;
}
