using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>Uploads in parts that a process left which died in the middle of one: nobody sees them, and they cost what they hold.</summary>
internal static class OrphanedUploads
{
    /// <summary>Gives up those of a destination's files whose cohort is the caller's: whoever wrote them before is fenced. How it went is told; nothing waits for it.</summary>
    public static async Task AbortAsync(IObjectStore store, FileLayout layout, Func<string, bool> isMine, IPublishingObserver observer, CancellationToken cancellation)
    {
        var prefix = ObjectNames.Prefix(layout);
        var (answer, uploads) = await store.UnfinishedAsync(prefix, cancellation).ConfigureAwait(false);
        if (answer != StoreAnswer.Stored)
            observer.Failed(prefix, answer);
        foreach (var upload in uploads.Where(upload => ObjectNames.TryCohortOf(layout, upload.Key, out var cohortId) && isMine(cohortId)))
        {
            var aborted = await store.AbortAsync(upload, cancellation).ConfigureAwait(false);
            if (aborted != StoreAnswer.Stored)
                observer.Failed(upload.Key, aborted);
        }
    }
}
