using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>Where a sync stands in the world: what its manifest names.</summary>
/// <param name="Previous">The last sync; null before the first.</param>
public sealed record SyncContext(string DestinationId, string CohortId, SyncPlan Plan, CompletedSync? Previous)
{
    /// <summary>The sync that this one's members are compared with; null where everyone enters.</summary>
    public CompletedSync? Base => Plan.Resync ? null : Previous;
}

/// <summary>Which members a file of a sync lists, and which rows the layout refuses. Pure.</summary>
internal static class MemberListing
{
    public static bool Lists(DiffType file, ExistingMembers existing, in SnapshotMember member) => file switch
    {
        DiffType.Entering => member.IsMember && !member.WasMember,
        DiffType.Exiting => member.WasMember && !member.IsMember,
        _ => member.WasMember && (member.IsMember || existing == ExistingMembers.AtLastSync),
    };

    /// <summary>existing(n) = existing(n−1) + entering(n−1) − exiting(n−1).</summary>
    /// <exception cref="SyncInvariantException">The members at the last sync are not as many as it left: nothing may be published.</exception>
    public static void CheckExisting(SyncContext context, in SnapshotCounts found)
    {
        var expected = context.Base?.Members ?? 0;
        if (expected != found.Existing)
            throw new SyncInvariantException($"cohort `{context.CohortId}` has {found.Existing} members at its last sync, expected {expected}: its rows of `memberships` no longer give that state (were they compacted, or the topic created anew?). Nothing was published");
    }

    /// <summary>The rows that a sync leaves out of its files, each to become a dead letter; in the order of profile keys.</summary>
    public static IEnumerable<RefusedRow> Refused(SyncContext context, IMemberSnapshot snapshot)
    {
        var writer = new MemberRowWriter(context.Plan.Layout);
        var csv = new CsvRow();
        foreach (var member in snapshot.InKeyOrder())
        {
            if (IsNews(member, context.Base) && !writer.TryWrite(member.Row.Span, csv))
                yield return new(member.Key.ToArray(), member.Row.ToArray(), member.RowOffset);
        }
    }

    /// <summary>A refused row is told once: by the first sync that sees it, not again by every sync for as long as the profile is a member.</summary>
    private static bool IsNews(in SnapshotMember member, CompletedSync? previous) =>
        member.IsMember != member.WasMember || previous is null || member.RowOffset >= previous.End;
}

/// <summary>A row that the layout refuses: left out of the files, and a dead letter.</summary>
public readonly record struct RefusedRow(ReadOnlyMemory<byte> ProfileKey, ReadOnlyMemory<byte> Row, long Offset);
