using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Where a loop has from what it delivers of its partitions: what the group has committed tells how far, and the composer gets what is next. The loop's thread uses it.</summary>
internal interface IDeliverySource : IDisposable
{
    /// <summary>What is under way before the destination is told what is new: what it is told first, of which added cohorts, how many percent are read. Null: nothing.</summary>
    (SinkState State, string Added, int Progress)? Standing { get; }

    /// <summary>What it waits for; empty where what comes is taken at once.</summary>
    string Awaits { get; }

    /// <summary>There is more to read at once.</summary>
    bool IsReading { get; }

    /// <summary>Begins partitions that have come: all questions first, so that nothing is taken over where one has no answer.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    PartitionProgress[] Begin(IReadOnlyList<CommittedPosition> partitions);

    /// <summary>Takes what a poll of the group's reader brought.</summary>
    void Take(RecordBatch batch, long now);

    /// <summary>Goes on with what does not come from the group's reader.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer; the next turn goes on.</exception>
    void Turn(long now);

    /// <summary>The partition has gone to another owner.</summary>
    void Drop(PartitionProgress progress);
}
