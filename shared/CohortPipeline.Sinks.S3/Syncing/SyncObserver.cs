using CohortPipeline.Contracts;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>Tells metrics, logs and the destination's status how one partition's syncs go.</summary>
internal sealed class SyncObserver(string destinationId, int partition, DestinationStanding standing, ILogger logger) : IPublishingObserver
{
    public void Stored(SyncObject item, bool wasThereBefore)
    {
        S3Metrics.Stored(destinationId, item.Body.Length, wasThereBefore);
        if (standing.Unpark(partition))
            LogEvents.Unparked(logger, destinationId);
    }

    public void Failed(SyncObject item, StoreAnswer answer)
    {
        SinksMetrics.Retried(destinationId, answer.Code, 1);
        LogEvents.Failed(logger, destinationId, item.Key, answer.Code, answer.Detail);
    }

    public void Parked(StoreAnswer answer)
    {
        if (standing.Park(partition, $"{answer.Code}: {answer.Detail}"))
            LogEvents.Parked(logger, destinationId, answer.Code, answer.Detail);
    }

    public void Completed(SyncPlan plan, string cohortId, RenderedSync sync, DateTimeOffset now)
    {
        var boundary = Instant.ToRfc3339(plan.Boundary);
        S3Metrics.Published(destinationId, sync, now - DateTimeOffset.FromUnixTimeMilliseconds(plan.Boundary));
        LogEvents.Published(logger, destinationId, cohortId, boundary, sync.Counts.Entering, sync.Counts.Exiting, sync.Counts.Existing);
        if (sync.Refused.Count > 0)
            LogEvents.RowsRefused(logger, destinationId, sync.Refused.Count, cohortId);
    }

    public void Skipped() => S3Metrics.Skipped(destinationId);

    /// <summary>The partition goes: what it was parked for is another owner's now.</summary>
    public void Removed() => standing.Unpark(partition);
}
