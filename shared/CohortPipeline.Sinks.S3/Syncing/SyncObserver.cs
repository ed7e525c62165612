using CohortPipeline.Contracts;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>Tells metrics, logs and the destination's status how one partition's syncs go.</summary>
internal sealed class SyncObserver(string destinationId, int partition, DestinationStanding standing, ILogger logger) : IPublishingObserver
{
    public void Stored(ObjectHead item, long bytes, bool wasThereBefore)
    {
        S3Metrics.Stored(destinationId, bytes, wasThereBefore);
        if (standing.Unpark(partition))
            LogEvents.Unparked(logger, destinationId);
    }

    public void Failed(string key, StoreAnswer answer)
    {
        standing.Retried(answer.Code);
        LogEvents.Failed(logger, destinationId, key, answer.Code, answer.Detail);
    }

    public void Parked(StoreAnswer answer)
    {
        if (standing.Park(partition, $"{answer.Code}: {answer.Detail}"))
            LogEvents.Parked(logger, destinationId, answer.Code, answer.Detail);
    }

    public void Completed(SyncPlan plan, string cohortId, PublishedSync sync, long refused, DateTimeOffset now)
    {
        var boundary = Instant.ToRfc3339(plan.Boundary);
        S3Metrics.Published(destinationId, sync, now - DateTimeOffset.FromUnixTimeMilliseconds(plan.Boundary));
        LogEvents.Published(logger, destinationId, cohortId, boundary, sync.Counts.Entering, sync.Counts.Exiting, sync.Counts.Existing);
        if (refused > 0)
            LogEvents.RowsRefused(logger, destinationId, refused, cohortId);
    }

    /// <summary>A plan, or the members of the last sync, cannot be told any more.</summary>
    public void Resyncs(string cohortId) => LogEvents.Resyncs(logger, destinationId, cohortId);

    public void Skipped() => S3Metrics.Skipped(destinationId);

    /// <summary>The partition goes: what it was parked for is another owner's now.</summary>
    public void Removed() => standing.Unpark(partition);
}
