using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>
/// A subscribed reader's place in its group: keeps the map of owned partitions and calls the owner's handler. Everything
/// here runs on the reader's thread, inside the call that serves the client.
/// </summary>
/// <remarks>
/// librdkafka swallows what a handler throws and then stands still, so an exception is kept and thrown by the reader. An
/// assignment whose handler failed is not lost: it is tried again by the next poll.
/// </remarks>
internal sealed unsafe class GroupMembership(KafkaReader reader, string group, ILogger logger)
{
    /// <summary>Where the client is told to begin a partition that is held: it is paused at once, and what still comes of it is dropped.</summary>
    private const long HeldOffset = 0;

    private readonly HashSet<TopicPartition> _owned = [];
    private readonly HashSet<TopicPartition> _changed = [];
    private readonly HashSet<TopicPartition> _paused = [];
    private readonly HashSet<TopicPartition> _held = [];
    private readonly Dictionary<TopicPartition, long> _starts = [];
    private TopicPartition[] _waiting = [];
    private bool _hasHeard;
    private bool _isMember;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Whom assignments are told; null while nobody wants to hear any more.</summary>
    public IAssignmentHandler? Handler { get; set; }

    public IReadOnlySet<TopicPartition> Owned => _owned;

    /// <summary>True while the owner's handler runs: the client cannot seek then.</summary>
    public bool IsInHandler { get; private set; }

    /// <summary>Partitions that came or went since the last <see cref="ForgetChanges"/>.</summary>
    public IReadOnlySet<TopicPartition> Changed => _changed;

    public void ForgetChanges() => _changed.Clear();

    /// <summary>True for partitions that the handler is just being told of.</summary>
    public bool IsComing(TopicPartition partition) => IsInHandler && _waiting.Contains(partition);

    /// <summary>Partitions that are owned, and that nobody has said yet where to begin.</summary>
    public IReadOnlySet<TopicPartition> Held => _held;

    /// <summary>Where to begin a partition that is coming.</summary>
    public void StartAt(PartitionPosition position) => _starts[position.TopicPartition] = position.Offset;

    /// <summary>Those of these partitions that are held go on, unless their owner has paused them; the seek that follows says where.</summary>
    public void Release(IEnumerable<PartitionPosition> positions)
    {
        var released = positions.Select(position => position.TopicPartition).Where(_held.Remove).ToArray();
        Tell(released.Where(partition => !_paused.Contains(partition)).ToArray(), isPaused: false);
    }

    /// <summary>Partitions assigned by hand, outside of any group.</summary>
    public void Own(IEnumerable<TopicPartition> partitions)
    {
        _owned.Clear();
        _held.Clear();
        _owned.UnionWith(partitions);
    }

    /// <summary>A pause would outlive the assignment in the client.</summary>
    public void ResumeAll() => Resume([.. _paused]);

    /// <summary>Something is to be thrown before anything else is done.</summary>
    public bool HasFailed => _failure is not null;

    public void ThrowFailure()
    {
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <summary>Called by librdkafka; no exception leaves it.</summary>
    public void Rebalanced(ErrorCode kind, NativeTopicPartitionList* partitions)
    {
        var copied = PartitionList.Copy(partitions);
        if (kind == ErrorCode.Local_AssignPartitions)
        {
            _hasHeard = true;
            _waiting = [.. _waiting, .. copied];
            AssignWaiting();
        }
        else
        {
            Unassign(copied);
        }
    }

    /// <summary>
    /// Takes over what the group has assigned: the owner is told, then the client. The owner is told of nothing, too: the
    /// client still waits to hear that this was understood.
    /// </summary>
    public void AssignWaiting()
    {
        try
        {
            if (Handler is { } handler)
                TellAssigned(handler);
        }
        catch (Exception failure)
        {
            _starts.Clear();
            Keep(failure);
            if (_waiting.Length > 0)
                return;
        }

        Start();
    }

    /// <summary>
    /// With the consumer protocol (KIP-848) the client says nothing where the group has nothing for a new member: that it has
    /// an epoch, and that a whole poll has passed since, tells it.
    /// </summary>
    public void NoticeJoin()
    {
        if (_hasHeard || Handler is not { } handler)
            return;
        if (!_isMember)
        {
            _isMember = HasEpoch();
            return;
        }

        _hasHeard = true;
        try
        {
            Call(() => handler.Assigned([]));
        }
        catch (Exception failure)
        {
            Keep(failure);
        }
    }

    public bool HasWaiting => _waiting.Length > 0;

    public void Pause(IReadOnlyCollection<TopicPartition> partitions)
    {
        _paused.UnionWith(partitions);
        Tell(partitions.Where(partition => !_held.Contains(partition)).ToArray(), isPaused: true);
    }

    public void Resume(IReadOnlyCollection<TopicPartition> partitions)
    {
        _paused.ExceptWith(partitions);
        Tell(partitions.Where(partition => !_held.Contains(partition)).ToArray(), isPaused: false);
    }

    /// <summary>Begins to read these owned partitions anew, without the group hearing of it.</summary>
    public void Restart(IReadOnlyCollection<PartitionPosition> positions)
    {
        using var list = PartitionList.Of(positions);
        Check(NativeError.Take(Librdkafka.rd_kafka_incremental_unassign(reader.Client.Pointer, list.Pointer)));
        Check(NativeError.Take(Librdkafka.rd_kafka_incremental_assign(reader.Client.Pointer, list.Pointer)));
        Tell(positions.Select(position => position.TopicPartition).Where(_paused.Contains).ToArray(), isPaused: true);
        ThrowFailure();
    }

    private void TellAssigned(IAssignmentHandler handler)
    {
        if (_waiting.Length > 0)
        {
            LogEvents.Assigned(logger, group, _waiting);
            LogKafkaMetrics.Rebalanced(group, "assigned", _waiting.Length);
        }

        Call(() => handler.Assigned(_waiting));
    }

    private void Start()
    {
        var coming = Handler is null ? [] : _waiting;
        using var list = PartitionList.Of(coming.Select(partition => new PartitionPosition(partition.Topic, partition.Partition, _starts.GetValueOrDefault(partition, HeldOffset))).ToArray());
        Check(IsCooperative
            ? NativeError.Take(Librdkafka.rd_kafka_incremental_assign(reader.Client.Pointer, list.Pointer))
            : NativeError.Of(Librdkafka.rd_kafka_assign(reader.Client.Pointer, list.Pointer)));
        _owned.UnionWith(coming);
        _changed.UnionWith(coming);
        _held.UnionWith(coming.Where(partition => !_starts.ContainsKey(partition)));
        _waiting = [];
        _starts.Clear();

        // The client can be told of a pause only now that it knows the partitions.
        Tell(coming.Where(partition => _held.Contains(partition) || _paused.Contains(partition)).ToArray(), isPaused: true);
    }

    private void Unassign(TopicPartition[] partitions)
    {
        var isLost = Librdkafka.rd_kafka_assignment_lost(reader.Client.Pointer) != 0;
        if (isLost)
            _hasHeard = _isMember = false;
        _waiting = _waiting.Except(partitions).ToArray();
        var owned = partitions.Where(_owned.Contains).ToArray();
        if (owned.Length > 0 && Handler is { } handler)
            Tell(handler, owned, isLost);

        // A pause would outlive the assignment in the client.
        Tell(owned.Where(partition => _paused.Contains(partition) || _held.Contains(partition)).ToArray(), isPaused: false);
        _paused.ExceptWith(owned);
        _held.ExceptWith(owned);
        _owned.ExceptWith(owned);
        _changed.UnionWith(owned);
        using var list = PartitionList.Of(partitions);
        Check(IsCooperative
            ? NativeError.Take(Librdkafka.rd_kafka_incremental_unassign(reader.Client.Pointer, list.Pointer))
            : NativeError.Of(Librdkafka.rd_kafka_assign(reader.Client.Pointer, null)));
    }

    private void Tell(IAssignmentHandler handler, TopicPartition[] partitions, bool isLost)
    {
        if (isLost)
            LogEvents.Lost(logger, group, partitions);
        else
            LogEvents.Revoked(logger, group, partitions);
        LogKafkaMetrics.Rebalanced(group, isLost ? "lost" : "revoked", partitions.Length);
        try
        {
            Call(() =>
            {
                if (isLost)
                    handler.Lost(partitions);
                else
                    handler.Revoked(partitions);
            });
        }
        catch (Exception failure)
        {
            Keep(failure);
        }
    }

    private void Call(Action handler)
    {
        IsInHandler = true;
        try
        {
            handler();
        }
        finally
        {
            IsInHandler = false;
        }
    }

    private void Tell(IReadOnlyCollection<TopicPartition> partitions, bool isPaused)
    {
        var known = partitions.Where(_owned.Contains).ToArray();
        if (known.Length == 0)
            return;

        using var list = PartitionList.Of(known);
        var code = isPaused
            ? Librdkafka.rd_kafka_pause_partitions(reader.Client.Pointer, list.Pointer)
            : Librdkafka.rd_kafka_resume_partitions(reader.Client.Pointer, list.Pointer);
        Check(NativeError.Of(code));
    }

    private bool HasEpoch()
    {
        var metadata = Librdkafka.rd_kafka_consumer_group_metadata(reader.Client.Pointer);
        if (metadata == 0)
            return false;
        var epoch = Librdkafka.rd_kafka_consumer_group_metadata_generation_id(metadata);
        Librdkafka.rd_kafka_consumer_group_metadata_destroy(metadata);
        return epoch > 0;
    }

    private bool IsCooperative =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Librdkafka.rd_kafka_rebalance_protocol(reader.Client.Pointer)).SequenceEqual("COOPERATIVE"u8);

    /// <summary>The first failure is the cause of those after it.</summary>
    private void Keep(Exception failure) => _failure ??= ExceptionDispatchInfo.Capture(failure);

    private void Check(NativeError error)
    {
        if (!error.IsNone && error.Code != ErrorCode.Local_Destroy)
            Keep(new LogException($"group {group}: the client refuses an assignment: {error}"));
    }
}
