using System.Diagnostics;
using CohortPipeline.Log.Embedded.Batches;
using CohortPipeline.Log.Embedded.Groups;
using CohortPipeline.Log.Embedded.Partitions;
using CohortPipeline.Log.Embedded.Storage;

namespace CohortPipeline.Log.Embedded;

internal sealed class EmbeddedReader : ILogReader
{
    private const int PollRecordsMax = 64 * 1024;

    /// <summary>A blocked poll looks up so often, to see whether another member of its group has gone silent.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly EmbeddedLog _log;
    private readonly Group _group;
    private readonly string? _instanceId;
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 1);
    private readonly EmbeddedRecordBatch _batch = new();
    private readonly List<PartitionCursor> _cursors = [];
    private readonly Func<PartitionLog, long, BatchBuffer> _load;
    private BatchLoader? _loader;
    private IAssignmentHandler? _handler;
    private GroupMember? _member;
    private int _firstCursor;
    private bool _hasHeard;
    private bool _disposed;

    public EmbeddedReader(EmbeddedLog log, Group group, string? instanceId)
    {
        _log = log;
        _group = group;
        _instanceId = instanceId;
        _load = Load;
    }

    internal Group Group => _group;

    internal GroupMember? Member => _member;

    public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
    {
        CheckOpen();
        if (_member is not null)
            throw new InvalidOperationException("the reader has subscribed already; leave first");
        foreach (var topic in topics)
            _ = _log.TopicOf(topic);
        DropCursors();
        _handler = handler;
        Join([.. topics]);
    }

    public void Assign(IReadOnlyList<PartitionPosition> positions)
    {
        CheckOpen();
        if (_member is not null)
            throw new InvalidOperationException("the reader is a member of its group; leave first");
        var partitions = positions.Select(position => _log.PartitionOf(position.TopicPartition)).ToList();
        DropCursors();
        _batch.Clear();
        for (var index = 0; index < positions.Count; index++)
            AddCursor(partitions[index]).SeekTo(positions[index].Offset);
    }

    public RecordBatch Poll(int recordsMax, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(recordsMax);
        var started = Stopwatch.GetTimestamp();
        _batch.Begin(Math.Min(recordsMax, PollRecordsMax));
        while (true)
        {
            CheckOpen();
            _signal.Reset();
            SettleMembership();
            Fetch(Math.Min(recordsMax, PollRecordsMax));
            var left = timeout - Stopwatch.GetElapsedTime(started);
            if (!_batch.IsEmpty || left <= TimeSpan.Zero)
                return _batch;
            Wait(left < WaitMax ? left : WaitMax);
        }
    }

    public void Seek(IReadOnlyList<PartitionPosition> positions)
    {
        CheckOpen();
        var cursors = positions.Select(position => CursorOf(position.TopicPartition)).ToList();
        _batch.Clear();
        for (var index = 0; index < positions.Count; index++)
            cursors[index].SeekTo(positions[index].Offset);
    }

    public void Pause(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            CursorOf(partition).IsPaused = true;
    }

    public void Resume(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            CursorOf(partition).IsPaused = false;
    }

    public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions) =>
        [.. partitions.Select(partition => _log.Positions.Get(_group.Name, partition))];

    public bool Commit(IReadOnlyList<CommittedPosition> positions)
    {
        CheckOpen();
        return _log.Commit(this, positions);
    }

    public long FirstOffset(TopicPartition partition) => _log.PartitionOf(partition).FirstOffset;

    /// <summary>Nothing is in the log before it is committed, so that both isolations see the same end.</summary>
    public long EndOffset(TopicPartition partition, Isolation isolation) => _log.PartitionOf(partition).EndOffset;

    public void Leave()
    {
        if (_member is not { } member)
            return;
        var owned = OwnedPartitions();
        try
        {
            // Others' time-outs have no say any more, but if this member was thrown out before, its partitions are not its own.
            if (member.Standing != MemberStanding.Member)
                _handler!.Lost(owned);
            else if (owned.Count > 0)
                _handler!.Revoked(owned);
        }
        finally
        {
            _member = null;
            _batch.Clear();
            DropCursors();
            _group.Leave(member);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_member is not null)
            _group.Leave(_member);
        _member = null;
        _batch.Clear();
        DropCursors();
        _loader?.Dispose();
        _log.Forget(this);
    }

    internal void Wake() => _signal.Set();

    private void Wait(TimeSpan time)
    {
        if (_member is null)
        {
            _signal.Wait(time);
            return;
        }

        _group.SetBusy(_member, true);
        _signal.Wait(time);
        _group.SetBusy(_member, false);
    }

    private void Fetch(int recordsMax)
    {
        // Another partition goes first each time, so that a busy one starves nobody.
        var count = _cursors.Count;
        if (count == 0)
            return;
        _firstCursor = (_firstCursor + 1) % count;
        for (var index = 0; index < count && _batch.Count < recordsMax; index++)
            _cursors[(_firstCursor + index) % count].ReadInto(_batch, recordsMax, _load);
    }

    private BatchBuffer Load(PartitionLog partition, long offset)
    {
        _loader ??= _log.OpenLoader();
        return _loader.Load(partition, offset);
    }

    private void Join(List<string> topics)
    {
        var member = new GroupMember(this, _instanceId, topics);
        _group.Join(member);
        _member = member;
        _hasHeard = false;
    }

    /// <summary>Brings what this reader has in line with what its group says; handlers run in it.</summary>
    private void SettleMembership()
    {
        if (_member is null)
            return;
        var change = _group.Poll(_member);
        if (_member.Standing != MemberStanding.Member)
        {
            LoseEverything(_member);
            change = _group.Poll(_member);
        }

        if (change.Revoked.Count > 0)
            GiveUp(_member, change.Revoked);
        if (change.Assigned.Count > 0 || !_hasHeard)
            Take(_member, change.Assigned);
        _hasHeard = true;
    }

    private void LoseEverything(GroupMember member)
    {
        var lost = OwnedPartitions();
        _batch.Clear();
        DropCursors();
        _member = null;
        if (lost.Count > 0)
            _handler!.Lost(lost);
        if (member.Standing == MemberStanding.Replaced)
            throw new FencedException($"Another reader of group {_group.Name} has taken over the instance id {member.InstanceId}: stop this one.");
        Join([.. member.Topics]);
    }

    private void GiveUp(GroupMember member, List<TopicPartition> partitions)
    {
        try
        {
            _handler!.Revoked(partitions);
        }
        finally
        {
            foreach (var partition in partitions)
                RemoveCursor(partition);
            _group.Release(member, partitions);
        }
    }

    private void Take(GroupMember member, List<TopicPartition> partitions)
    {
        var taken = false;
        try
        {
            foreach (var partition in partitions)
                AddCursor(_log.PartitionOf(partition));
            _handler!.Assigned(partitions);
            taken = true;
        }
        finally
        {
            if (!taken)
            {
                foreach (var partition in partitions)
                    RemoveCursor(partition);
                _group.Release(member, partitions);
            }
        }
    }

    private List<TopicPartition> OwnedPartitions() => [.. _cursors.Select(cursor => cursor.Log.Name)];

    private PartitionCursor AddCursor(PartitionLog partition)
    {
        var cursor = new PartitionCursor(partition);
        _cursors.Add(cursor);
        partition.Watch(this);
        return cursor;
    }

    private PartitionCursor CursorOf(TopicPartition partition) =>
        _cursors.Find(cursor => cursor.Log.Name == partition)
        ?? throw new InvalidOperationException($"{partition} is not assigned to this reader");

    private void RemoveCursor(TopicPartition partition)
    {
        var cursor = _cursors.Find(cursor => cursor.Log.Name == partition);
        if (cursor is null)
            return;
        _cursors.Remove(cursor);
        cursor.Log.Unwatch(this);
        cursor.Dispose();
    }

    private void DropCursors()
    {
        foreach (var partition in OwnedPartitions())
            RemoveCursor(partition);
    }

    private void CheckOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _log.CheckOpen();
    }
}
