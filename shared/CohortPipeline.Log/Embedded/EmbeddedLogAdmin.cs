using CohortPipeline.Contracts;

namespace CohortPipeline.Log.Embedded;

internal sealed class EmbeddedLogAdmin(EmbeddedLog log) : ILogAdmin
{
    public Task<TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation)
    {
        log.CheckOpen();
        var found = log.FindTopic(topic)?.Spec;
        return Task.FromResult(found is null ? null : new TopicDescription(found.Name, found.PartitionCount, found.Cleanup, found.Retention));
    }

    public Task CreateAsync(TopicSpec topic, CancellationToken cancellation)
    {
        log.Create(topic);
        return Task.CompletedTask;
    }

    public Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation) =>
        Task.FromResult(log.TopicOf(topic).Partitions.Select(partition => partition.EndOffset).ToArray());

    public Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation) =>
        Task.FromResult(log.TopicOf(topic).Partitions.Select(partition => log.Positions.Get(group, partition.Name)).ToArray());
}
