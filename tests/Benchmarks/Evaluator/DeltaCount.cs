using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>How many deltas there are, so that a page can say what its workload was.</summary>
internal readonly record struct DeltaCount(long All, long OfEvents)
{
    private const int BatchRecordsMax = 10_000;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public static DeltaCount Of(ILog log, PipelineTopics topics)
    {
        var name = topics.MembershipDeltas.Name;
        using var reader = log.OpenReader(new(topics.Named("bench-count")) { ReadsToEnd = true });
        reader.Assign([.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new PartitionPosition(name, partition, 0))]);
        var deltas = new DeltaReader();
        var (all, ofEvents) = (0L, 0L);
        for (var ended = 0; ended < topics.PartitionCount;)
        {
            var batch = reader.Poll(BatchRecordsMax, Wait);
            foreach (ref readonly var record in batch.Records)
            {
                if (!deltas.TryRead(record.Value, out var delta, out var error))
                    throw new InvalidOperationException(error);
                all++;
                ofEvents += delta.HasSource ? 1 : 0;
            }

            foreach (ref readonly var signal in batch.Signals)
                ended += signal.Kind == PartitionSignalKind.EndOfPartition ? 1 : 0;
        }

        return new(all, ofEvents);
    }
}
