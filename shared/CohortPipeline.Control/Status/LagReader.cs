using CohortPipeline.Log;

namespace CohortPipeline.Control;

/// <summary>Asks the log how far a group is.</summary>
internal sealed class LagReader(ILog log)
{
    /// <summary>Null if the topic is not there.</summary>
    public async Task<GroupLag?> ReadAsync(string group, string topic, CancellationToken cancellation)
    {
        if (await log.Admin.DescribeAsync(topic, cancellation) is null)
            return null;
        var ends = await log.Admin.EndOffsetsAsync(topic, Isolation.Committed, cancellation);
        var committed = await log.Admin.CommittedAsync(group, topic, cancellation);
        var partitions = new PartitionLag[ends.Length];
        for (var partition = 0; partition < ends.Length; partition++)
            partitions[partition] = new(partition, ends[partition], committed[partition].Exists ? committed[partition].Offset : null);
        return new(
            group,
            topic,
            End: partitions.Sum(partition => partition.End),
            Committed: partitions.Sum(partition => partition.Committed ?? 0),
            Lag: partitions.Sum(partition => partition.Lag),
            partitions);
    }
}
