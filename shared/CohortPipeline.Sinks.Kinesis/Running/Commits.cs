using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Commits what is delivered: positions with what the stream has beyond them, with the dead letters that they pass, and with what they stand for.</summary>
internal sealed class Commits(ILogReader reader, PartitionWriters writers, string destinationId, ILogger logger)
{
    /// <exception cref="LogUnavailableException">The log did not answer: what is not committed stays to be.</exception>
    public void Commit(IEnumerable<PartitionProgress> partitions)
    {
        var plain = new List<PartitionDelivery>();
        foreach (var progress in partitions)
        {
            writers.Settle(reader, progress.Partition);
            if (progress.Deliverable() is not { } delivery)
                continue;
            if (delivery.IsWithRecords)
                CommitWithRecords(delivery);
            else
                plain.Add(delivery);
        }

        if (plain.Count > 0 && reader.Commit(plain.ConvertAll(delivery => delivery.Committed)))
            plain.ForEach(delivery => delivery.Progress.Commit(delivery));
    }

    private void CommitWithRecords(PartitionDelivery delivery)
    {
        var outcome = writers.Commit(reader, delivery);
        if (outcome == CommitOutcome.Fenced)
            throw new FencedException($"{delivery.Progress.Partition} has another owner, who writes its records");
        if (outcome == CommitOutcome.Committed)
            delivery.Progress.Commit(delivery);
        else
            LogEvents.CommitRepeated(logger, destinationId, delivery.DeadLetters.Count, delivery.Progress.Partition, outcome);
    }
}
