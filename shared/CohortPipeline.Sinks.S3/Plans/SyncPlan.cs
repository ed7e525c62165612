using System.Text.Json.Serialization;
using CohortPipeline.Sinks.S3.Files;

namespace CohortPipeline.Sinks.S3.Plans;

/// <summary>
/// What a sync is: committed before anything is uploaded, so that a crash anywhere repeats the same plan, with the same
/// bytes. Instants are epoch milliseconds.
/// </summary>
/// <param name="Boundary">The sync's instant, which its files are named by.</param>
/// <param name="End">Rows of the cohort's partition of <c>memberships</c> before this offset are folded in; none after.</param>
/// <param name="PlannedAt">When it was planned.</param>
/// <param name="CohortVersion">The definition's version as known then.</param>
/// <param name="Layout">Names and columns as configured then.</param>
/// <param name="TraceParent">W3C <c>traceparent</c> that goes into manifest and objects; null for none.</param>
public sealed record SyncPlan(long Boundary, long End, long PlannedAt, int CohortVersion, FileLayout Layout, string? TraceParent = null)
{
    /// <summary>The members at the last sync cannot be told any more: everyone enters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Resync { get; init; }

    /// <summary>How many of the rows that its layout refuses are dead letters already.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long RefusedTold { get; init; }
}

/// <summary>A sync that was published.</summary>
/// <param name="Boundary">Its instant.</param>
/// <param name="End">The end offset of its plan.</param>
/// <param name="StateEnd">
/// Up to where the cohort's rows give the members of this sync. It moves on while nobody enters or exits, so that the state
/// stays readable in a compacted topic.
/// </param>
/// <param name="StateAt">When <paramref name="StateEnd"/> was noted.</param>
/// <param name="Members">How many members the cohort had: those that the next sync must find existing.</param>
public sealed record CompletedSync(long Boundary, long End, long StateEnd, long StateAt, long Members);

/// <summary>Where the syncs of one cohort to one destination stand: the one record of <c>sink-state</c> under their key.</summary>
/// <param name="Passed">The newest boundary that is dealt with; of a cohort seen for the first time, the newest before that.</param>
/// <param name="Last">The last sync; null before the first.</param>
/// <param name="Pending">The plan that is under way; null for none.</param>
public sealed record CohortSyncState(long Passed, CompletedSync? Last, SyncPlan? Pending)
{
    public CohortSyncState Plan(SyncPlan plan) => this with { Pending = plan };

    /// <summary>
    /// As it is taken over when the states before <paramref name="oldest"/> may have been compacted away: a plan that cannot be repeated any more is given up, for one at a new boundary.
    /// </summary>
    public CohortSyncState TakeOver(long oldest)
    {
        if (Pending is not { } plan || (plan.PlannedAt >= oldest && (plan.Resync || !IsLastTooOld(oldest))))
            return this;
        return this with { Pending = null, Passed = Math.Max(Passed, plan.Boundary) };
    }

    /// <summary>The rows that give the members of the last sync may have been compacted.</summary>
    public bool IsLastTooOld(long oldest) => Last is { } last && last.StateAt < oldest;

    /// <summary>The pending plan is published.</summary>
    public CohortSyncState Complete(long members, long passed) => Pending is { } plan
        ? new(passed, new(plan.Boundary, plan.End, StateEnd: plan.End, StateAt: plan.PlannedAt, members), Pending: null)
        : throw new InvalidOperationException("there is no plan to complete");
}
