using CohortPipeline.Contracts;
using CohortPipeline.Rules.Identify;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;

namespace CohortPipeline.Rules.Steps;

/// <summary>A membership that changed.</summary>
/// <param name="EnteredAt">Of an exit, when the membership that ends began.</param>
/// <param name="Version">The profile's version of this change.</param>
public readonly record struct MembershipStep(PlannedCohort Cohort, MembershipChange Change, long EnteredAt, long Version);

/// <summary>A member's row that has to be written again, with its instant, version and <c>computed_at</c> kept, because exported properties are others now.</summary>
public readonly record struct RowRewrite(PlannedCohort Cohort, Membership Membership);

/// <summary>What one evaluation of a profile gave. Kept by a lane and used again: each step replaces what was in it.</summary>
public sealed class Transition
{
    private readonly List<MembershipStep> _changes = [];
    private readonly List<RowRewrite> _rewrites = [];

    /// <summary>The instant of evaluation; <c>exited_at</c> of exits, <c>entered_at</c> of entries.</summary>
    public long At { get; private set; }

    public DeltaReason Reason { get; private set; }

    /// <summary>Whole epoch seconds, the same for all changes.</summary>
    public long ComputedAt { get; internal set; }

    /// <summary>In ordinal order of cohort ids; <c>parts</c> of their deltas is how many there are.</summary>
    public IReadOnlyList<MembershipStep> Changes => _changes;

    /// <summary>In ordinal order of cohort ids; never of a cohort that is among the changes.</summary>
    public IReadOnlyList<RowRewrite> Rewrites => _rewrites;

    /// <summary>Whether the profile has something in it that it did not have before, beside instants; without that it need not be stored.</summary>
    public bool HasChangedProfile { get; internal set; }

    /// <summary>Behaviors of which the event was a duplicate, and which it left alone.</summary>
    public int Duplicates { get; internal set; }

    /// <summary>Behaviors that are approximate from now on: events that they need were dropped to keep them, or the profile, in their bounds.</summary>
    public int BehaviorsMadeApproximate { get; internal set; }

    /// <summary>Whether the identify call, or the event's, was one that had been applied already.</summary>
    public bool IsRepeatedIdentify { get; internal set; }

    /// <summary>What the record did to the profile's properties.</summary>
    public IdentifyOutcome Identify { get; } = new();

    internal void Begin(long at, DeltaReason reason)
    {
        At = at;
        Reason = reason;
        ComputedAt = 0;
        HasChangedProfile = false;
        Duplicates = 0;
        BehaviorsMadeApproximate = 0;
        IsRepeatedIdentify = false;
        _changes.Clear();
        _rewrites.Clear();
        Identify.Clear();
    }

    internal void Add(in MembershipStep change) => _changes.Add(change);

    internal void Add(in RowRewrite rewrite) => _rewrites.Add(rewrite);

    internal void SortRewrites() => _rewrites.Sort(static (left, right) => left.Cohort.Id.SequenceCompareTo(right.Cohort.Id));
}
