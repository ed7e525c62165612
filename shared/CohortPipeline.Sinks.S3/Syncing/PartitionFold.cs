using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>
/// One partition of <c>memberships</c> folded into the snapshots of its cohorts, in order of offsets, up to a bound. Where the
/// fold passes the end of a cohort's last sync, that state becomes the cohort's "at the last sync". Pure but for the
/// snapshots.
/// </summary>
internal sealed class PartitionFold : IDisposable
{
    /// <summary>No cohort's id is longer.</summary>
    private const int CohortIdBytesMax = 64;

    private readonly MembershipReader _reader = new() { WithoutTimes = true };
    private readonly IMemberSnapshotFactory _snapshots;
    private readonly Func<string, bool> _isWanted;
    private readonly RowTally _tally;
    private readonly long _settled;
    private readonly Dictionary<string, FoldedCohort> _cohorts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FoldedCohort>.AlternateLookup<ReadOnlySpan<char>> _byId;

    /// <param name="position">Offset of the first row to fold in.</param>
    /// <param name="settled">Rows before this offset were dealt with before: they are folded in, and not counted again.</param>
    /// <param name="isWanted">Whether the destination has a cohort.</param>
    public PartitionFold(long position, long settled, IMemberSnapshotFactory snapshots, Func<string, bool> isWanted, RowTally tally)
    {
        Position = position;
        _settled = settled;
        _snapshots = snapshots;
        _isWanted = isWanted;
        _tally = tally;
        _byId = _cohorts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The next offset to fold in: everything before it is.</summary>
    public long Position { get; private set; }

    public IReadOnlyCollection<FoldedCohort> Cohorts => _cohorts.Values;

    /// <summary>The cohort, with a snapshot from here on. A cohort is added before any of its rows are folded in, or has none.</summary>
    public FoldedCohort Add(string cohortId)
    {
        if (!_cohorts.TryGetValue(cohortId, out var cohort))
        {
            cohort = new(cohortId, _snapshots.Open());
            _cohorts.Add(cohortId, cohort);
        }

        return cohort;
    }

    public bool TryFind(string cohortId, [NotNullWhen(true)] out FoldedCohort? cohort) => _cohorts.TryGetValue(cohortId, out cohort);

    /// <summary>Folds a record in. False, and the position at the bound, where it lies at or past <paramref name="bound"/>.</summary>
    /// <param name="trace">The trace that the row belongs to; the default for none.</param>
    /// <exception cref="SyncInvariantException">The record is no membership row.</exception>
    public bool TryFold(long offset, ReadOnlySpan<byte> key, bool isTombstone, ReadOnlySpan<byte> value, long bound, in ActivityContext trace)
    {
        if (offset >= bound)
        {
            MoveTo(bound);
            return false;
        }

        MoveTo(offset);
        Fold(offset, key, isTombstone, value, trace);
        Position = offset + 1;
        return true;
    }

    /// <summary>Everything before <paramref name="offset"/> was read: what lay there are markers, or rows that compaction took.</summary>
    public void MoveTo(long offset)
    {
        if (offset < Position)
            return;
        foreach (var cohort in _cohorts.Values)
            cohort.Pass(offset);
        Position = offset;
    }

    public void Dispose()
    {
        _tally.GiveBack(_cohorts.Values.Sum(cohort => cohort.Settle()));
        foreach (var cohort in _cohorts.Values)
            cohort.Snapshot.Dispose();
    }

    private void Fold(long offset, ReadOnlySpan<byte> key, bool isTombstone, ReadOnlySpan<byte> value, in ActivityContext trace)
    {
        if (!MembershipKey.TrySplit(key, out var cohortId, out var profileKey))
            throw new SyncInvariantException($"the record at offset {offset} of `memberships` has the key `{Encoding.UTF8.GetString(key)}`, expected a cohort id, a slash and a profile key");
        var cohort = Find(cohortId);
        Count(offset, cohort);
        if (cohort is null)
            return;
        cohort.Saw(trace);
        if (isTombstone)
        {
            cohort.Snapshot.Forget(profileKey, offset);
            return;
        }

        if (!_reader.TryRead(value, out var row, out var error))
            throw new SyncInvariantException($"the record at offset {offset} of `memberships` is {error}");
        cohort.Snapshot.Apply(profileKey, row.In, value, offset);
    }

    private void Count(long offset, FoldedCohort? cohort)
    {
        if (offset < _settled)
            return;
        if (cohort is null)
            _tally.Filter();
        else if (cohort.Take())
            _tally.Waits(cohort);
    }

    private FoldedCohort? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > CohortIdBytesMax)
            return null;
        Span<char> id = stackalloc char[CohortIdBytesMax];
        id = id[..Encoding.UTF8.GetChars(utf8, id)];
        if (_byId.TryGetValue(id, out var cohort))
            return cohort;
        var text = id.ToString();
        return _isWanted(text) ? Add(text) : null;
    }
}

/// <summary>A cohort of the partition: its snapshot, and where its syncs stand.</summary>
internal sealed class FoldedCohort(string id, IMemberSnapshot snapshot)
{
    private readonly List<ActivityContext> _traces = [];
    private bool _isLastReached;

    public string Id { get; } = id;

    public IMemberSnapshot Snapshot { get; } = snapshot;

    /// <summary>Null until its first record of <c>sink-state</c> is committed.</summary>
    public CohortSyncState? State { get; private set; }

    /// <summary>Traces of the rows that wait for the next sync, the first <see cref="MessagingSpans.LinksMax"/> of them.</summary>
    public IReadOnlyList<ActivityContext> Traces => _traces;

    /// <summary>How many rows wait for the next sync.</summary>
    public long Waiting { get; private set; }

    /// <summary>When the oldest of them was received.</summary>
    public DateTimeOffset? OldestWaitsSince { get; set; }

    /// <summary>No row waits for a sync.</summary>
    public bool IsSettled => Waiting == 0;

    /// <summary>The members of the last sync cannot be told any more: the next is a resync.</summary>
    public bool NeedsResync { get; private set; }

    /// <summary>The sync that the next one's members are compared with; null where everyone enters.</summary>
    private CompletedSync? Base => NeedsResync || State is { Pending.Resync: true } ? null : State?.Last;

    private bool IsPastLast => Base is null || _isLastReached;

    /// <summary>A row is folded in. True where it waits for the next sync, false where the last one stands for it already.</summary>
    public bool Take()
    {
        if (!IsPastLast)
            return false;
        Waiting++;
        return true;
    }

    /// <summary>A row is folded in that belongs to a trace, or to none: rows that the last sync stands for led to nothing new.</summary>
    public void Saw(in ActivityContext trace)
    {
        if (trace != default && IsPastLast && _traces.Count < MessagingSpans.LinksMax)
            _traces.Add(trace);
    }

    /// <summary>How many rows waited; none does from here on.</summary>
    public long Settle()
    {
        var settled = Waiting;
        (Waiting, OldestWaitsSince) = (0, null);
        _traces.Clear();
        return settled;
    }

    /// <summary>Takes over what <c>sink-state</c> says, before any row is folded in. States before <paramref name="oldest"/> may have been compacted away.</summary>
    public void Load(CohortSyncState state, long oldest)
    {
        State = state.TakeOver(oldest);
        var isGivenUp = state.Pending is not null && State.Pending is null;
        NeedsResync = isGivenUp || (State.Pending is null && State.IsLastTooOld(oldest));
    }

    /// <summary>A state that is committed now. The members are unchanged.</summary>
    public void Record(CohortSyncState state) => State = state;

    /// <summary>The pending sync is published and committed: its members are those at the last sync.</summary>
    public void Complete(CohortSyncState state)
    {
        Snapshot.MarkSynced();
        State = state;
        NeedsResync = false;
        _isLastReached = true;
    }

    /// <summary>The fold goes past <paramref name="offset"/>: up to there everything is in.</summary>
    public void Pass(long offset)
    {
        if (_isLastReached || Base is not { } last || offset < last.StateEnd)
            return;
        Snapshot.MarkSynced();
        _isLastReached = true;
    }
}
