using CohortPipeline.Contracts;

namespace CohortPipeline.Log;

/// <summary>Topics and groups from outside. Every call has a time-out and may throw <see cref="LogUnavailableException"/>.</summary>
public interface ILogAdmin
{
    /// <summary>The topic as the log has it, or null if there is none.</summary>
    Task<TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation);

    /// <summary>Creates the topic; one that exists already is left as it is.</summary>
    Task CreateAsync(TopicSpec topic, CancellationToken cancellation);

    /// <summary>The offset after the last record or marker of each partition of the topic, by partition number.</summary>
    Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation);

    /// <summary>What a group has committed (stable) for each partition of the topic, by partition number.</summary>
    Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation);
}

/// <summary>What a log says of a topic. <paramref name="Retention"/> is null where nothing is ever deleted by age.</summary>
public sealed record TopicDescription(string Name, int PartitionCount, TopicCleanup Cleanup, TimeSpan? Retention);
