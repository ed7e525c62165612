using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>A sync whose files and manifest are stored.</summary>
/// <param name="HasRefused">Rows were left out that the layout refuses.</param>
internal sealed record PublishedSync(IReadOnlyList<SyncFile> Files, SnapshotCounts Counts, bool HasRefused);

/// <summary>Renders and uploads the files of a sync one after the other, the manifest last, until each is stored.</summary>
internal sealed class SyncPublisher(ObjectUploader uploader, PartBuffers buffers)
{
    public async Task<PublishedSync> PublishAsync(SyncContext context, IMemberSnapshot snapshot, CancellationToken cancellation)
    {
        var plan = context.Plan;
        var files = new List<SyncFile>();
        SnapshotCounts? counts = null;
        var hasRefused = false;
        foreach (var type in ObjectNames.DiffTypes)
        {
            var head = new ObjectHead(ObjectNames.File(plan.Layout, context.CohortId, plan.Boundary, type), "text/csv; charset=utf-8", plan.TraceParent);
            using var content = new FileContent(context, type, snapshot, counts, buffers);
            await uploader.UploadAsync(head, content, cancellation).ConfigureAwait(false);
            files.Add(new(type, head.Key, content.Rows, content.Digest));
            counts = content.Counts;
            hasRefused |= content.HasRefused;
        }

        var manifest = new ObjectHead(ObjectNames.Manifest(plan.Layout, context.CohortId, plan.Boundary), "application/json", plan.TraceParent);
        await uploader.UploadAsync(manifest, new ManifestContent(SyncManifest.Render(context, files)), cancellation).ConfigureAwait(false);
        return new(files, counts!.Value, hasRefused);
    }

    private sealed class ManifestContent(ReadOnlyMemory<byte> bytes) : IObjectContent
    {
        public ReadOnlyMemory<byte> Part => bytes;

        public ContentDigest Digest { get; } = ContentDigest.Of(bytes.Span);

        public Task<bool> ReadAsync(CancellationToken cancellation) => Task.FromResult(true);

        public void StartOver()
        {
        }
    }
}
