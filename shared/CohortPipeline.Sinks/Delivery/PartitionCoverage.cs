namespace CohortPipeline.Sinks;

/// <summary>
/// Which cohorts a partition's position stands for: of these everything before it is delivered. A record of
/// <c>sink-state</c>, committed in one transaction with the position whenever it changes; that there is one says that the
/// destination is not new.
/// </summary>
/// <param name="Covered">The cohorts.</param>
/// <param name="Start">What is still to be sent of others; null for nothing.</param>
public sealed record PartitionCoverage(CohortSelection Covered, PartitionStart? Start)
{
    /// <summary>Where its syncs stand, of a destination that is told at boundaries: the cohorts are those of the last one. Null: it is told in real time.</summary>
    public PartitionPeriods? Periods { get; init; }

    /// <summary>What a partition's new owner has to bring about.</summary>
    /// <param name="found">What its last owner left; null: there was none.</param>
    /// <param name="hasPosition">The group has a position.</param>
    /// <param name="wanted">The destination's cohorts now.</param>
    /// <param name="startAt">What cohorts begin with that are new here.</param>
    /// <param name="marks">The ends of <c>memberships</c>, asked where a start begins.</param>
    /// <returns><paramref name="found"/> itself where nothing has changed.</returns>
    public static PartitionCoverage Next(PartitionCoverage? found, bool hasPosition, CohortSelection wanted, StartAt startAt, Func<IReadOnlyList<long>> marks)
    {
        if (found is null)
            return hasPosition || startAt == StartAt.Now ? new(wanted, null) : new(CohortSelection.None, new(wanted, null, marks()));
        if (!hasPosition || found.Periods is not null)
            return Resync(wanted, ChangedSince.Of(found.Periods?.Last?.At ?? 0), marks());
        var (kept, added) = (found.Covered.And(wanted), wanted.Without(found.Covered));
        if (added.IsNone || (startAt == StartAt.Now && found.Start is not { IsSnapshot: false }))
            return found.Start is null && found.Covered.IsSame(wanted) ? found : new(wanted, null);
        if (found.Start is not { } pending)
            return new(kept, new(added, null, marks()));
        if (kept.IsSame(found.Covered) && added.IsSame(pending.Cohorts))
            return found;

        // What a resync need not send of its own cohorts says nothing of one that was added meanwhile.
        return new(kept, pending with { Cohorts = added, Since = pending.IsSnapshot ? null : 0 });
    }

    /// <summary>What a partition's new owner has to bring about, of a destination that is told at boundaries.</summary>
    /// <param name="found">What its last owner left; null: there was none.</param>
    /// <param name="toldUntil">What changed before this instant (epoch milliseconds) the destination was told in real time; null: it was not.</param>
    /// <param name="wanted">The destination's cohorts now.</param>
    /// <param name="startAt">What cohorts begin with that are new here.</param>
    /// <param name="passed">The newest boundary.</param>
    /// <param name="cut">The rows there are, asked for where nothing of before is to be told.</param>
    /// <returns><paramref name="found"/> itself where nothing has changed.</returns>
    public static PartitionCoverage NextOfPeriods(PartitionCoverage? found, long? toldUntil, CohortSelection wanted, StartAt startAt, long passed, Func<MembershipsCut> cut)
    {
        if (found?.Periods is not null)
            return found;
        if (found is not null || toldUntil is not null)
            return new(CohortSelection.None, null) { Periods = new(passed, null, null) { Since = ChangedSince.Of(toldUntil ?? 0) } };
        return startAt == StartAt.Now
            ? new(wanted, null) { Periods = new(passed, cut(), null) }
            : new(CohortSelection.None, null) { Periods = new(passed, null, null) };
    }

    /// <summary>The deltas before a position are gone: whatever was written since an instant (epoch milliseconds) is sent as it is now.</summary>
    public static PartitionCoverage Resync(CohortSelection wanted, long since, IReadOnlyList<long> marks) =>
        new(CohortSelection.None, new(wanted, since, marks));

    /// <inheritdoc cref="PartitionPeriods.TakeOver"/>
    public PartitionCoverage TakeOver(long oldest)
    {
        var taken = Periods!.TakeOver(oldest);
        return ReferenceEquals(taken, Periods) ? this : this with { Periods = taken };
    }

    /// <summary>It was told what was planned.</summary>
    public PartitionCoverage Told() => new(Periods!.Pending!.Cohorts, null) { Periods = Periods.Told() };

    /// <summary>The start is done.</summary>
    public PartitionCoverage Started() => Start is { } start ? new(Covered.Or(start.Cohorts), null) : this;
}
