using CohortPipeline.Contracts;
using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>The syncs of one partition's profiles: planned, folded, sent, told, and on. While a plan is sent nothing is folded in, so that the members stay as it saw them.</summary>
internal sealed class PeriodSync(PartitionProgress progress, IMemberSnapshotFactory snapshots, TopicSpec memberships) : IDisposable
{
    private readonly RowBatch _batch = new();
    private PartitionMembers? _members;
    private CohortNames? _planned;
    private PlannedChanges? _changes;
    private IEnumerator<PlannedChange?>? _next;
    private RowDeltas? _deltas;
    private long _number;
    private bool _isFed;

    public PartitionProgress Progress => progress;

    public PartitionPeriods Periods => progress.Coverage!.Periods!;

    /// <summary>What is to be told; null before it is committed.</summary>
    public PeriodPlan? Plan => progress.IsCoverageCommitted ? Periods.Pending : null;

    public bool IsToFold => Plan is { } plan && !Members.IsAt(plan.Cut.Ends);

    public bool IsToSend => Plan is { } plan && Members.IsAt(plan.Cut.Ends);

    /// <summary>Where nobody knows what was told, what was is not asked.</summary>
    public PartitionMembers Members => _members ??= new(snapshots, memberships.PartitionCount, Periods.Pending?.Since is null ? Periods.Last : null);

    /// <summary>From here on this is to be told.</summary>
    /// <param name="periods">Has the plan.</param>
    public void Begin(PartitionPeriods periods)
    {
        progress.GoOn(periods.Pending!.First);
        progress.StandFor(progress.Coverage! with { Periods = periods }, isCommitted: false);
        if (periods.Pending.Since is not null)
            Forget();
    }

    /// <summary>Whether the row at a place is to be folded in for the plan.</summary>
    public bool Awaits(int partition, long offset) => offset < Plan!.Cut.Ends[partition] && Members.Awaits(partition, offset);

    public bool IsPlanned(ReadOnlySpan<byte> cohortId) => (_planned ??= new(Plan!.Cohorts)).Include(cohortId);

    /// <summary>Whether someone is to be told of whose row it is: where nobody knows what was told, of everyone who may have changed since.</summary>
    public bool IsToTell(long writtenAt) => Plan!.Since is { } since && writtenAt >= since;

    /// <summary>Everything before these positions was read.</summary>
    public void Reach(IReadOnlyList<long> positions) => Members.MoveTo(positions, Plan!.Cut.Ends);

    /// <summary>Makes the changes ready, once.</summary>
    public void Open(Func<IReadOnlyDictionary<string, CohortName>> names)
    {
        if (_next is not null)
            return;
        _deltas = new(names());
        _changes = new(Members, Plan!, progress.Coverage!.Covered);
        _next = _changes.InOrder().GetEnumerator();
        _number = Plan!.First;
        _isFed = !_next.MoveNext();
    }

    /// <summary>Sends on as far as there is room, past what the destination has already. True where more can be sent at once.</summary>
    public bool Send(DeltaComposer composer, DeliveryRoom room, long now)
    {
        for (; !_isFed; _isFed = !_next!.MoveNext())
        {
            if (_next!.Current is not { } change)
            {
                _isFed = !_next.MoveNext();
                return !_isFed;
            }

            if (_number >= progress.Position && !progress.TryPass(_number, now))
            {
                if (!room.Admits(progress, _number, change.Member.Row.Length))
                    return false;
                Send(composer, change, now);
            }

            _number++;
        }

        return false;
    }

    /// <summary>Once everything is settled, what was planned was told.</summary>
    public void EndIfTold()
    {
        if (!_isFed || !progress.IsSettled)
            return;
        var isWhole = Plan!.Since is null;
        progress.CommitsAt = Plan.DeltasEnd;
        progress.StandFor(progress.Coverage!.Told(), isCommitted: false);
        Close();
        if (isWhole)
            Members.MarkSynced();
        else
            Forget();
    }

    public void Dispose()
    {
        Close();
        Forget();
    }

    private void Send(DeltaComposer composer, PlannedChange change, long now)
    {
        var member = change.Member;
        var delta = _deltas!.Write(member.CohortId, member.ProfileKey, _changes!.RowOf(member), change.Evaluation);
        _batch.Fill(new(memberships.Name, member.Partition, member.Offset), member.ProfileKey, delta);
        composer.TakeChange(_batch, 0, progress, _number, change.Evaluation.At, now);
    }

    private void Close()
    {
        _next?.Dispose();
        _deltas?.Dispose();
        (_next, _deltas, _changes, _planned, _isFed) = (null, null, null, null, false);
    }

    private void Forget()
    {
        _members?.Dispose();
        _members = null;
    }
}
