using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// The changes that a plan tells: of each user in turn, all of them, as one evaluation. The same rows give the same changes in
/// the same order.
/// </summary>
/// <remarks>
/// A user's changes have one instant and one <c>computed_at</c>, the newest of their rows. Who is forgotten has left; the row
/// that is told is the last one.
/// </remarks>
internal sealed class PlannedChanges(PartitionMembers members, PeriodPlan plan, CohortSelection told)
{
    /// <summary>Members that are looked at in one go.</summary>
    private const int MembersAtOnce = 1_000;

    private readonly MembershipReader _rows = new();
    private readonly CohortNames _cohorts = new(plan.Cohorts);
    private readonly CohortNames _told = new(told);

    /// <summary>In order. A null stands between changes that are far apart: there is more, but not at once.</summary>
    public IEnumerable<PlannedChange?> InOrder()
    {
        var user = new List<MemberRow>();
        var looked = 0;
        foreach (var member in members.InOrder())
        {
            if (user.Count > 0 && !member.ProfileKey.SequenceEqual(user[0].ProfileKey))
            {
                foreach (var change in Evaluate(user))
                    yield return change;
                user.Clear();
            }

            if (IsTold(member))
                user.Add(new(member));
            if (++looked % MembersAtOnce == 0)
                yield return null;
        }

        foreach (var change in Evaluate(user))
            yield return change;
    }

    /// <summary>The row as it is told.</summary>
    public MembershipRow RowOf(MemberRow member)
    {
        if (!_rows.TryRead(member.Row, out var row, out var error))
            throw new InvalidOperationException($"a row that was read before is none now: {error}");
        if (member.IsMember || !row.In)
            return row;
        row.In = false;
        row.ExitedAt = plan.Boundary;
        row.ComputedAt++;
        return row;
    }

    /// <summary>Where nobody knows what was told, the snapshot has whom to tell something, and the row says what.</summary>
    private bool IsTold(in PartitionMember member) =>
        _cohorts.Include(member.CohortId)
        && (plan.Since is not null ? member.Member.IsMember : member.Member.IsMember != (member.Member.WasMember && _told.Include(member.CohortId)));

    private IEnumerable<PlannedChange> Evaluate(List<MemberRow> user)
    {
        var (at, computedAt) = (long.MinValue, long.MinValue);
        foreach (var member in user)
        {
            var row = RowOf(member);
            (at, computedAt) = (Math.Max(at, row.At), Math.Max(computedAt, row.ComputedAt));
        }

        for (var i = 0; i < user.Count; i++)
            yield return new(user[i], new(at, computedAt, i + 1, user.Count));
    }
}

/// <summary>A change, and the evaluation of its user that it is a part of.</summary>
internal sealed record PlannedChange(MemberRow Member, RowEvaluation Evaluation);

/// <summary>A member's row, kept.</summary>
internal sealed class MemberRow(in PartitionMember member)
{
    public byte[] ProfileKey { get; } = member.ProfileKey.ToArray();

    public byte[] CohortId { get; } = member.CohortId.ToArray();

    public byte[] Row { get; } = member.Member.Row.ToArray();

    /// <summary>The row's partition of <c>memberships</c>.</summary>
    public int Partition { get; } = member.RowPartition;

    public long Offset { get; } = member.Member.RowOffset;

    public bool IsMember { get; } = member.Member.IsMember;
}
