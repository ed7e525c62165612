using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Snapshot;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>A row that the layout refuses: left out of the files, and a dead letter.</summary>
public readonly record struct RefusedRow(ReadOnlyMemory<byte> ProfileKey, ReadOnlyMemory<byte> Row, long Offset);

/// <summary>Everything that a sync publishes, in the order in which it is uploaded; the manifest is last.</summary>
public sealed record RenderedSync(IReadOnlyList<SyncObject> Objects, IReadOnlyList<RefusedRow> Refused, SnapshotCounts Counts);

/// <summary>Where a sync stands in the world: what its manifest names.</summary>
public sealed record SyncContext(string DestinationId, string CohortId, SyncPlan Plan, CompletedSync? Previous);

/// <summary>From a snapshot to the bytes of three files and a manifest. Pure: the same snapshot and plan give the same bytes.</summary>
public static class SyncRendering
{
    /// <exception cref="SyncInvariantException">The members at the last sync are not as many as it left: nothing may be published.</exception>
    public static RenderedSync Render(SyncContext context, ICohortSnapshot snapshot)
    {
        var layout = context.Plan.Layout;
        var writer = new MemberRowWriter(layout);
        var files = ObjectNames.DiffTypes.ToDictionary(type => type, _ => new SyncFileBuilder());
        var csv = new CsvRow();
        writer.WriteHeader(csv);
        foreach (var file in files.Values)
            file.Header(csv);

        var refused = new List<RefusedRow>();
        var listed = new SnapshotCounts();
        foreach (var member in snapshot.InKeyOrder())
        {
            listed = listed.Plus(member);
            if (writer.TryWrite(member.Row.Span, csv))
                List(member, layout.Existing, files, csv);
            else if (IsNews(member, context.Previous))
                refused.Add(new(member.Key.ToArray(), member.Row.ToArray(), member.RowOffset));
        }

        CheckExisting(context, listed.Existing);
        var objects = ObjectNames.DiffTypes.Select(type => FileOf(context, type, files[type])).ToList();
        objects.Add(SyncManifest.Render(context, objects));
        return new(objects, refused, listed);
    }

    private static SyncObject FileOf(SyncContext context, DiffType type, SyncFileBuilder file)
    {
        var key = ObjectNames.File(context.Plan.Layout, context.CohortId, context.Plan.Boundary, type);
        return SyncObject.Of(key, "text/csv; charset=utf-8", file.Rows, file.Written) with { TraceParent = context.Plan.TraceParent };
    }

    /// <summary>existing(n) = existing(n−1) + entering(n−1) − exiting(n−1).</summary>
    private static void CheckExisting(SyncContext context, long found)
    {
        var expected = context.Previous?.Members ?? 0;
        if (expected != found)
            throw new SyncInvariantException($"cohort `{context.CohortId}` has {found} members at its last sync, expected {expected}: its rows of `memberships` no longer give that state (were they compacted, or the topic created anew?). Nothing was published");
    }

    private static void List(in SnapshotMember member, ExistingMembers existing, Dictionary<DiffType, SyncFileBuilder> files, CsvRow csv)
    {
        if (!member.WasMember)
            files[DiffType.Entering].Add(csv);
        else if (!member.IsMember)
            files[DiffType.Exiting].Add(csv);

        if (member.WasMember && (member.IsMember || existing == ExistingMembers.AtLastSync))
            files[DiffType.Existing].Add(csv);
    }

    /// <summary>A refused row is told once: by the first sync that sees it, not again by every sync for as long as the profile is a member.</summary>
    private static bool IsNews(in SnapshotMember member, CompletedSync? previous) =>
        member.IsMember != member.WasMember || previous is null || member.RowOffset >= previous.End;
}
