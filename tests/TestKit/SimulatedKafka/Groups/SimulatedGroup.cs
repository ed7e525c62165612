using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.TestKit.SimulatedKafka.Groups;

/// <summary>A consumer group at its coordinator: members, who has what, and committed positions, some of them still pending.</summary>
public sealed class SimulatedGroup
{
    /// <summary>A member that was not heard of for so long is thrown out.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(45);

    /// <summary>A member that did not poll for so long leaves by itself.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMinutes(5);

    private readonly Broker _broker;
    private readonly List<GroupMember> _members = [];
    private readonly Dictionary<TopicPartition, (CommittedPosition Position, long Number)> _committed = [];
    private readonly List<(Transaction Transaction, CommittedPosition Position, long Number)> _pending = [];
    private long _numbers;
    private int _generation;

    internal SimulatedGroup(Broker broker) => _broker = broker;

    public int MemberCount => _members.Count;

    public bool HasPending => _pending.Count > 0;

    /// <summary>Every member has what it is to have, and nothing else.</summary>
    public bool IsBalanced => _members.TrueForAll(member => !member.MustGiveUp && member.Owned.SetEquals(member.Target));

    internal GroupMember Join(SimulatedLog client, IReadOnlyList<string> topics)
    {
        var member = new GroupMember(client, topics) { HeardAt = _broker.Now, PolledAt = _broker.Now };
        _members.Add(member);
        Rebalance();
        return member;
    }

    /// <summary>The group takes a member for gone, as where its heartbeats do not arrive; a member that lives hears of it at its next poll.</summary>
    public void ThrowOut(int member) => ThrowOut(_members[member]);

    internal void Leave(GroupMember member)
    {
        if (member.IsIn)
            ThrowOut(member);
    }

    /// <summary>Heartbeats of all that live; who was silent for too long goes.</summary>
    internal void PassTime()
    {
        for (var i = _members.Count - 1; i >= 0; i--)
        {
            var member = _members[i];
            if (!member.Client.IsStopped)
                member.HeardAt = _broker.Now;
            if (_broker.Now - member.HeardAt > SessionTimeout || _broker.Now - member.PolledAt > PollInterval)
                ThrowOut(member);
        }
    }

    /// <summary>What the member must give up before the group goes on.</summary>
    internal List<TopicPartition> ToGiveUp(GroupMember member) => _broker.Protocol == GroupProtocol.Eager
        ? member.MustGiveUp ? [.. member.Owned] : []
        : [.. member.Owned.Where(partition => !member.Target.Contains(partition))];

    /// <summary>The member has given these up.</summary>
    internal void GaveUp(GroupMember member, IReadOnlyList<TopicPartition> partitions)
    {
        member.Owned.ExceptWith(partitions);
        member.MustGiveUp = false;
        if (_broker.Protocol != GroupProtocol.Eager && partitions.Count > 0)
            _generation++;
    }

    /// <summary>What the member gets now.</summary>
    internal List<TopicPartition> ToTakeOver(GroupMember member)
    {
        if (_members.Exists(other => other.MustGiveUp))
            return [];
        var taken = member.Target.Where(partition => !_members.Exists(other => other.Owned.Contains(partition))).ToList();
        member.Owned.UnionWith(taken);
        return taken;
    }

    /// <summary>The member has heard of the newest generation.</summary>
    internal void Hear(GroupMember member)
    {
        if (member.IsIn)
            member.Generation = _generation;
    }

    /// <summary>Whether positions are taken from this member as it is. Nobody looks whose the partitions are.</summary>
    internal bool Takes(GroupMember? member, IReadOnlyList<CommittedPosition> positions) =>
        member is { IsIn: true } && (member.Generation == _generation
            || ((_broker.Protocol == GroupProtocol.Consumer || _broker.Fates.WaitsForOwners) && positions.All(position => member.Owned.Contains(position.TopicPartition))));

    /// <summary>Positions that count once the transaction has committed.</summary>
    internal void Pend(Transaction transaction, IReadOnlyList<CommittedPosition> positions)
    {
        transaction.Join(this);
        foreach (var position in positions)
        {
            _pending.RemoveAll(pending => pending.Transaction == transaction && pending.Position.TopicPartition == position.TopicPartition);
            _pending.Add((transaction, position, ++_numbers));
        }
    }

    internal void Mark(Transaction transaction)
    {
        foreach (var (ended, position, number) in _pending)
        {
            // What was committed later stands, also where its transaction ends earlier, or it had none.
            if (ended == transaction && transaction.IsCommitted && _committed.GetValueOrDefault(position.TopicPartition).Number < number)
                _committed[position.TopicPartition] = (position, number);
        }

        _pending.RemoveAll(pending => pending.Transaction == transaction);
    }

    public void Commit(IReadOnlyList<CommittedPosition> positions)
    {
        foreach (var position in positions)
            _committed[position.TopicPartition] = (position, ++_numbers);
    }

    /// <summary>False while a transaction that commits the partition's position is undecided, or its marker is not written here.</summary>
    internal bool IsStable(TopicPartition partition) => !_pending.Exists(pending => pending.Position.TopicPartition == partition);

    internal CommittedPosition Committed(TopicPartition partition) =>
        _committed.TryGetValue(partition, out var found) ? found.Position : new(partition.Topic, partition.Partition, CommittedPosition.None, "");

    /// <summary>The group's positions expire, as those of an empty group do after days.</summary>
    public void Expire() => _committed.Clear();

    private void ThrowOut(GroupMember member)
    {
        member.IsIn = false;
        _members.Remove(member);
        member.Owned.Clear();
        Rebalance();
    }

    private void Rebalance()
    {
        _generation++;
        foreach (var member in _members)
        {
            member.Target.Clear();
            member.MustGiveUp = _broker.Protocol == GroupProtocol.Eager && member.Owned.Count > 0;
        }

        if (_members.Count == 0)
            return;
        var next = _broker.Fates.FirstMember(_members.Count);
        foreach (var partition in _members.SelectMany(member => member.Topics).Distinct().Order(StringComparer.Ordinal).SelectMany(_broker.PartitionsOf))
        {
            for (var tried = 0; tried < _members.Count; tried++)
            {
                var member = _members[next++ % _members.Count];
                if (!member.Topics.Contains(partition.Topic))
                    continue;
                member.Target.Add(partition);
                break;
            }
        }
    }
}
