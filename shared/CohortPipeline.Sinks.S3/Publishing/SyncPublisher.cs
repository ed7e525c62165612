using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>Hears how the publishing of a sync goes. Called from any thread.</summary>
internal interface IPublishingObserver
{
    void Stored(SyncObject item, bool wasThereBefore);

    void Failed(SyncObject item, StoreAnswer answer);

    /// <summary>The store has refused, or failed too often: somebody must look. It is tried again until it works.</summary>
    void Parked(StoreAnswer answer);
}

/// <summary>
/// Uploads the objects of a sync one after the other, the manifest last, until each is stored. An object that is there
/// already is this plan's own if its checksum is the same (a crash, or an answer that never came); anything else is
/// somebody else's and is never overwritten.
/// </summary>
internal sealed class SyncPublisher(IObjectStore store, IPublishingObserver observer, TimeProvider clock, Func<double> jitter)
{
    public async Task PublishAsync(IReadOnlyList<SyncObject> objects, CancellationToken cancellation)
    {
        foreach (var item in objects)
            await PublishAsync(item, cancellation).ConfigureAwait(false);
    }

    private async Task PublishAsync(SyncObject item, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            var answer = await store.PutAsync(item, cancellation).ConfigureAwait(false);
            var wasThereBefore = answer.Kind == StoreAnswerKind.Exists;
            if (wasThereBefore)
                answer = await CompareAsync(item, cancellation).ConfigureAwait(false);
            if (answer.Kind == StoreAnswerKind.Stored)
            {
                observer.Stored(item, wasThereBefore);
                return;
            }

            observer.Failed(item, answer);
            if (answer.Kind == StoreAnswerKind.Refused || attempt >= PublishingLimits.AttemptsBeforeParked)
                observer.Parked(answer);
            await Task.Delay(RetryPlan.OfCalls.Delay(attempt, jitter()), clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<StoreAnswer> CompareAsync(SyncObject item, CancellationToken cancellation)
    {
        var (answer, stored) = await store.ChecksumAsync(item.Key, cancellation).ConfigureAwait(false);
        if (answer.Kind != StoreAnswerKind.Exists)
            return answer;
        return stored == item.Crc64Nvme
            ? StoreAnswer.Stored
            : StoreAnswer.Refused("ObjectDiffers", $"`{item.Key}` is there with checksum {stored ?? "none"}, this sync's has {item.Crc64Nvme}; nothing was overwritten");
    }
}
