using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What the records of <c>sink-state</c> say of a destination's partitions.</summary>
internal static class Coverages
{
    /// <summary>Of all its partitions, by number. Asked for once the group's positions are known: a transaction that is one with a position is decided by then.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public static IReadOnlyDictionary<int, PartitionCoverage> ReadAll(ILog log, PipelineTopics topics, string destinationId)
    {
        var coverages = new Dictionary<int, PartitionCoverage>();
        TopicFollower.ReadToEndAsync(log, topics.Named("sink-coverages"), [topics.SinkState.Name], Take, CancellationToken.None).GetAwaiter().GetResult();
        return coverages;

        void Take(in LogRecord record)
        {
            if (!PartitionCoverageCodec.TryPartitionOf(record.Key, destinationId, out var partition))
                return;
            if (record.IsTombstone)
                coverages.Remove(partition);
            else
                coverages[partition] = PartitionCoverageCodec.Decode(record.Value);
        }
    }
}
