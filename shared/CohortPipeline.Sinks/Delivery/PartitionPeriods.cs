namespace CohortPipeline.Sinks;

/// <summary>A place in <c>memberships</c>: what its rows say before these ends.</summary>
/// <param name="Ends">The end of each partition.</param>
/// <param name="At">When they were noted, epoch milliseconds.</param>
public sealed record MembershipsCut(IReadOnlyList<long> Ends, long At);

/// <summary>
/// What a partition's profiles are told at a boundary: committed before anything is sent, so that a crash anywhere repeats the
/// same changes in the same order, less those that the destination has.
/// </summary>
/// <param name="Boundary">The sync's instant, epoch milliseconds.</param>
/// <param name="Cut">Rows before it are the state that is told.</param>
/// <param name="Cohorts">Of these.</param>
/// <param name="First">The number of its first change: changes are numbered through, from plan to plan.</param>
/// <param name="DeltasEnd">What was the end of the deltas: what the group commits once the plan is told.</param>
public sealed record PeriodPlan(long Boundary, MembershipsCut Cut, CohortSelection Cohorts, long First, long DeltasEnd)
{
    /// <summary>Nobody can tell any more what the destination was told: it is told all members, and of who else changed since this instant (epoch milliseconds) that they left. Null: the net changes.</summary>
    public long? Since { get; init; }
}

/// <summary>Where the syncs of a partition's profiles stand, of a destination that is told hourly or daily.</summary>
/// <param name="Passed">The newest boundary that is dealt with; at first the newest before that.</param>
/// <param name="Last">What the destination was told last; null: nothing yet.</param>
/// <param name="Pending">What it is being told; null between boundaries.</param>
public sealed record PartitionPeriods(long Passed, MembershipsCut? Last, PeriodPlan? Pending)
{
    /// <summary>The destination was told otherwise before, up to this instant (epoch milliseconds): the next plan makes up for it. Null: it was not.</summary>
    public long? Since { get; init; }

    /// <summary>It is being told the members there are, not the changes.</summary>
    public bool IsStarting => Pending is { } plan && (Last is null || plan.Since is not null);

    /// <summary>As they are taken over where rows before <paramref name="oldest"/> may have been compacted: a plan that cannot be repeated is given up for one at the next boundary that is due.</summary>
    public PartitionPeriods TakeOver(long oldest)
    {
        var isPlanLost = Pending is { } plan && (plan.Cut.At < oldest || (plan.Since is null && Last?.At < oldest));
        return isPlanLost ? this with { Pending = null, Since = Pending!.Since ?? ChangedSince.Of(Last?.At ?? 0) } : this;
    }

    /// <summary>A boundary has come: this is to be told, or, where it cannot be told any more what was, all there is.</summary>
    /// <param name="plan">The net changes.</param>
    /// <param name="oldest">Rows before this instant may have been compacted.</param>
    public PartitionPeriods Plan(PeriodPlan plan, long oldest) =>
        this with { Pending = plan with { Since = Since ?? (Last?.At < oldest ? ChangedSince.Of(Last.At) : null) } };

    /// <summary>Everything that is pending was told.</summary>
    public PartitionPeriods Told() => Pending is { } plan
        ? new(Math.Max(Passed, plan.Boundary), plan.Cut, null)
        : throw new InvalidOperationException("there is no plan that could have been told");
}
