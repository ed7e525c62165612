namespace CohortPipeline.Sinks.Snapshot;

/// <summary>
/// The members of one cohort, or of several, now and at the last sync: what rows of <c>memberships</c> add up to. It is only a
/// cache: reading the rows again builds the same one. One thread uses it at a time.
/// </summary>
public interface IMemberSnapshot : IDisposable
{
    /// <summary>Folds a row in: the profile's present state. Its bytes are copied; <paramref name="offset"/> is where it lies in its partition, and rises from row to row. A snapshot of several cohorts has keys of both, profile and cohort.</summary>
    void Apply(ReadOnlySpan<byte> profileKey, bool isIn, ReadOnlySpan<byte> row, long offset);

    /// <summary>Folds a tombstone in: the profile is a member no longer. If it was one at the last sync, its last row stays until the next, which lists it once.</summary>
    void Forget(ReadOnlySpan<byte> profileKey, long offset);

    /// <summary>Whether anyone has come or gone since the last sync. Who left and came back has not.</summary>
    bool HasChanges();

    /// <summary>Everyone who is a member now or was at the last sync, by profile key, ordinal. A member is borrowed until the next.</summary>
    IEnumerable<SnapshotMember> InKeyOrder();

    /// <summary>A sync of what is folded in was published: who is a member now is from here on who was at the last sync.</summary>
    void MarkSynced();
}

/// <summary>Opens snapshots, with nobody in them.</summary>
public interface IMemberSnapshotFactory
{
    IMemberSnapshot Open();
}

/// <summary>A profile in a snapshot.</summary>
/// <param name="Key">The profile key, UTF-8.</param>
/// <param name="Row">Its newest row, JSON.</param>
/// <param name="RowOffset">Where that row lies in its partition.</param>
/// <param name="IsMember">It is a member now.</param>
/// <param name="WasMember">It was one at the last sync.</param>
public readonly record struct SnapshotMember(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Row, long RowOffset, bool IsMember, bool WasMember);

/// <summary>How many were members at the last sync, have come since, have gone since. Who left and came back is neither.</summary>
public readonly record struct SnapshotCounts(long Existing, long Entering, long Exiting)
{
    public long Members => Existing + Entering - Exiting;

    public SnapshotCounts Plus(in SnapshotMember member) => new(
        Existing + One(member.WasMember),
        Entering + One(member.IsMember && !member.WasMember),
        Exiting + One(member.WasMember && !member.IsMember));

    private static int One(bool counts) => counts ? 1 : 0;
}
