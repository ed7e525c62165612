using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>The ends of the partitions of <c>memberships</c>.</summary>
internal static class MembershipsEnds
{
    /// <summary>Behind what is decided now.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public static long[] Committed(ILogReader reader, PipelineTopics topics) => [.. Enumerable.Range(0, topics.Memberships.PartitionCount)
        .Select(partition => reader.EndOffset(new(topics.Memberships.Name, partition), Isolation.Committed))];
}
