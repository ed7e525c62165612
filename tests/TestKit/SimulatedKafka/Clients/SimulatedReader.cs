using System.Runtime.ExceptionServices;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Groups;

namespace CohortPipeline.TestKit.SimulatedKafka.Clients;

/// <summary>Reads a simulated broker, as a member of a group or on its own.</summary>
internal sealed class SimulatedReader(SimulatedLog client, string groupName) : ILogReader
{
    private readonly SimulatedGroup _group = client.Broker.GroupOf(groupName);
    private readonly SortedDictionary<(string Topic, int Partition), Cursor> _cursors = [];
    private readonly HashSet<TopicPartition> _paused = [];
    private readonly LentRecords _batch = new();
    private IReadOnlyList<string> _topics = [];
    private List<TopicPartition> _waiting = [];
    private IAssignmentHandler? _handler;
    private ExceptionDispatchInfo? _failure;
    private bool _isInHandler;
    private bool _hasHeard;

    /// <summary>The reader's place in its group; null for one that is in none.</summary>
    public GroupMember? Member { get; private set; }

    public SimulatedGroup Group => _group;

    public SimulatedLog Client => client;

    public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
    {
        client.Call(LogCall.Subscribe);
        foreach (var topic in topics)
            client.Broker.PartitionsOfTopic(topic);
        _topics = topics;
        _handler = handler;
    }

    public void Assign(IReadOnlyList<PartitionPosition> positions)
    {
        _batch.Clear();
        _cursors.Clear();
        _paused.Clear();
        foreach (var position in positions)
            _cursors.Add((position.Topic, position.Partition), new(client.Broker.PartitionOf(position.TopicPartition)) { Next = position.Offset });
    }

    public RecordBatch Poll(int recordsMax, TimeSpan timeout)
    {
        if (_isInHandler)
            throw new InvalidOperationException("a handler cannot poll: it runs inside a poll");
        _batch.Clear();
        client.Call(LogCall.Poll);
        if (_handler is not null)
            FollowGroup(_handler);
        ThrowFailure();
        Gather(recordsMax);
        if (_batch.IsEmpty && timeout > TimeSpan.Zero)
        {
            client.Wait(timeout);
            Gather(recordsMax);
        }

        return _batch;
    }

    public void Seek(IReadOnlyList<PartitionPosition> positions)
    {
        client.Call(LogCall.Seek);
        if (!_isInHandler)
            _batch.Clear();
        foreach (var position in positions)
        {
            if (!_cursors.TryGetValue((position.Topic, position.Partition), out var cursor))
                throw new InvalidOperationException($"{position.TopicPartition} is not assigned: it cannot be sought");
            cursor.IsHeld = false;
            cursor.Next = position.Offset;
            cursor.ToldEnd = null;
        }
    }

    public void Pause(IReadOnlyList<TopicPartition> partitions) => _paused.UnionWith(partitions);

    public void Resume(IReadOnlyList<TopicPartition> partitions) => _paused.ExceptWith(partitions);

    public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions)
    {
        client.Call(LogCall.Committed);
        client.WaitUntil(() => partitions.All(_group.IsStable), "the transactions that commit these positions");
        return [.. partitions.Select(_group.Committed)];
    }

    public bool Commit(IReadOnlyList<CommittedPosition> positions)
    {
        client.Call(LogCall.Commit);
        if (!positions.All(position => _cursors.ContainsKey((position.Topic, position.Partition))) || !_group.Takes(Member, positions))
            return false;
        _group.Commit(positions);
        return true;
    }

    public long FirstOffset(TopicPartition partition)
    {
        client.Call(LogCall.FirstOffset);
        client.Broker.PartitionOf(partition);
        return 0;
    }

    public long EndOffset(TopicPartition partition, Isolation isolation)
    {
        client.Call(LogCall.EndOffset);
        var found = client.Broker.PartitionOf(partition);
        return isolation == Isolation.Committed ? found.StableEnd : found.End;
    }

    public void Leave()
    {
        _batch.Clear();
        if (Member is { } member && _cursors.Count > 0)
            GiveUp(member, Owned(), isLost: !member.IsIn);
        LeaveGroup();
        ThrowFailure();
    }

    public void Dispose()
    {
        _batch.Clear();
        if (!client.IsDead)
            LeaveGroup();
    }

    private void LeaveGroup()
    {
        if (Member is { } member)
            _group.Leave(member);
        Member = null;
        _handler = null;
        _cursors.Clear();
    }

    private List<TopicPartition> Owned() => [.. _cursors.Keys.Select(key => new TopicPartition(key.Topic, key.Partition))];

    /// <summary>What the group wants of its member: to hear that it was thrown out, to give up, to take over.</summary>
    private void FollowGroup(IAssignmentHandler handler)
    {
        if (Member is { IsIn: false } gone)
        {
            if (_cursors.Count > 0)
                GiveUp(gone, Owned(), isLost: true);
            _waiting = [];
            Member = null;
        }

        if (Member is null)
        {
            Member = _group.Join(client, _topics);
            _hasHeard = false;
        }

        var member = Member;
        member.PolledAt = client.Broker.Now;
        _group.Hear(member);
        var leaving = _group.ToGiveUp(member);
        _waiting.RemoveAll(leaving.Contains);
        if (leaving.Exists(Holds))
            GiveUp(member, leaving.FindAll(Holds), isLost: false);
        if (!member.IsIn)
            return;
        _group.GaveUp(member, leaving);
        _waiting.AddRange(_group.ToTakeOver(member));
        _group.Hear(member);
        if ((_waiting.Count > 0 || !_hasHeard) && _failure is null)
            TakeOver(handler);
    }

    private bool Holds(TopicPartition partition) => _cursors.ContainsKey((partition.Topic, partition.Partition));

    private void GiveUp(GroupMember member, List<TopicPartition> partitions, bool isLost)
    {
        try
        {
            Handle(() =>
            {
                if (isLost)
                    _handler!.Lost(partitions);
                else
                    _handler!.Revoked(partitions);
            });
        }
        catch (Exception exception) when (exception is not SimulatedKillException)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }

        foreach (var partition in partitions)
            _cursors.Remove((partition.Topic, partition.Partition));
        _paused.ExceptWith(partitions);
    }

    private void TakeOver(IAssignmentHandler handler)
    {
        try
        {
            foreach (var partition in _waiting)
                _cursors[(partition.Topic, partition.Partition)] = new(client.Broker.PartitionOf(partition)) { IsHeld = true };
            Handle(() => handler.Assigned(_waiting));
            _waiting = [];
            _hasHeard = true;
        }
        catch (Exception exception) when (exception is not SimulatedKillException)
        {
            foreach (var partition in _waiting)
                _cursors.Remove((partition.Topic, partition.Partition));
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Handle(Action handler)
    {
        _isInHandler = true;
        try
        {
            handler();
        }
        finally
        {
            _isInHandler = false;
        }
    }

    private void ThrowFailure()
    {
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    private void Gather(int recordsMax)
    {
        var left = client.Broker.Fates.BatchSize(recordsMax);
        foreach (var cursor in _cursors.Values)
        {
            if (!cursor.IsHeld && !_paused.Contains(cursor.Partition.Place))
                left -= cursor.Read(_batch, left);
        }
    }
}
