namespace CohortPipeline.Log.Embedded.Groups;

/// <summary>
/// A consumer group: its members, who owns which partition, and who shall. It is cooperative: a partition moves only
/// after its owner has let go of it in a poll of its own, or is gone.
/// </summary>
/// <param name="partitionCounts">How many partitions a topic has.</param>
internal sealed class Group(string name, TimeProvider time, TimeSpan pollInterval, Func<string, int> partitionCounts)
{
    private readonly Lock _gate = new();
    private readonly List<GroupMember> _members = [];
    private readonly Dictionary<TopicPartition, GroupMember> _owners = [];
    private Dictionary<TopicPartition, GroupMember> _target = [];

    /// <summary>Counts whatever may give a member something to do; most polls find nothing new.</summary>
    private long _version;

    public string Name { get; } = name;

    public void Join(GroupMember member)
    {
        lock (_gate)
        {
            var before = member.InstanceId is null ? null : _members.Find(other => other.InstanceId == member.InstanceId);
            if (before is not null)
                Remove(before, MemberStanding.Replaced);
            member.Standing = MemberStanding.Member;
            member.PolledAt = time.GetTimestamp();
            _members.Add(member);
            Rebalance();
        }
    }

    /// <summary>Everything it owned is free at once.</summary>
    public void Leave(GroupMember member)
    {
        lock (_gate)
        {
            if (member.Standing == MemberStanding.Member)
                Remove(member, MemberStanding.Expired);
        }
    }

    /// <summary>
    /// Says what a polling member has to do now: to give up partitions, or to take some that are free. Partitions to take
    /// are its own when this returns, those to give up remain so until <see cref="Release"/>.
    /// </summary>
    public MembershipChange Poll(GroupMember member)
    {
        lock (_gate)
        {
            ExpireSilentMembers(except: member);
            if (member.Standing != MemberStanding.Member)
                return MembershipChange.None;
            member.PolledAt = time.GetTimestamp();
            if (member.SeenVersion == _version)
                return MembershipChange.None;
            member.SeenVersion = _version;
            var revoked = new List<TopicPartition>();
            foreach (var (partition, owner) in _owners)
            {
                if (owner == member && _target.GetValueOrDefault(partition) != member)
                    revoked.Add(partition);
            }

            var assigned = new List<TopicPartition>();
            foreach (var (partition, target) in _target)
            {
                if (target == member && _owners.TryAdd(partition, member))
                    assigned.Add(partition);
            }

            return revoked.Count + assigned.Count == 0 ? MembershipChange.None : new(revoked, assigned);
        }
    }

    public void Release(GroupMember member, IReadOnlyList<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
            {
                if (_owners.GetValueOrDefault(partition) == member)
                    _owners.Remove(partition);
            }

            WakeMembers();
        }
    }

    /// <summary>
    /// True if the positions are the member's to commit; it keeps its partitions until <see cref="EndCommit"/>. Without a
    /// member (a reader of its own), nobody may be in the group.
    /// </summary>
    public bool TryBeginCommit(GroupMember? member, IReadOnlyList<CommittedPosition> positions)
    {
        lock (_gate)
        {
            if (member is null)
                return _members.Count == 0;
            foreach (var position in positions)
            {
                if (_owners.GetValueOrDefault(position.TopicPartition) != member)
                    return false;
            }

            member.IsBusy = true;
            return true;
        }
    }

    public void EndCommit(GroupMember? member)
    {
        if (member is not null)
            SetBusy(member, false);
    }

    public void SetBusy(GroupMember member, bool busy)
    {
        lock (_gate)
        {
            member.IsBusy = busy;
            member.PolledAt = time.GetTimestamp();
        }
    }

    private void ExpireSilentMembers(GroupMember except)
    {
        for (var index = _members.Count - 1; index >= 0; index--)
        {
            var member = _members[index];
            if (member != except && !member.IsBusy && time.GetElapsedTime(member.PolledAt) > pollInterval)
                Remove(member, MemberStanding.Expired);
        }
    }

    private void Remove(GroupMember member, MemberStanding standing)
    {
        member.Standing = standing;
        _members.Remove(member);
        foreach (var partition in _owners.Where(owned => owned.Value == member).Select(owned => owned.Key).ToList())
            _owners.Remove(partition);
        Rebalance();
    }

    private void Rebalance()
    {
        var partitions = new List<TopicPartition>();
        foreach (var topic in _members.SelectMany(member => member.Topics).Distinct())
            partitions.AddRange(Enumerable.Range(0, partitionCounts(topic)).Select(partition => new TopicPartition(topic, partition)));
        _target = GroupAssignor.Assign(partitions, _members, (member, topic) => member.Topics.Contains(topic), _target);
        WakeMembers();
    }

    private void WakeMembers()
    {
        _version++;
        foreach (var member in _members)
            member.Wake();
    }
}

/// <summary>What a member has to do in this poll, in this order.</summary>
internal sealed record MembershipChange(List<TopicPartition> Revoked, List<TopicPartition> Assigned)
{
    public static MembershipChange None { get; } = new([], []);
}
