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
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly HashSet<TopicPartition> _changed = [];
    private readonly HashSet<TopicPartition> _paused = [];
    private TopicPartition[] _waiting = [];
    private ExceptionDispatchInfo? _failure;

    /// <summary>Whom assignments are told; null while nobody wants to hear any more.</summary>
    public IAssignmentHandler? Handler { get; set; }

    public IReadOnlySet<TopicPartition> Owned => _owned;

    /// <summary>True while the owner's handler runs: the client cannot seek then.</summary>
    public bool IsInHandler { get; private set; }

    /// <summary>Partitions that came or went since the last <see cref="ForgetChanges"/>.</summary>
    public IReadOnlySet<TopicPartition> Changed => _changed;

    public void ForgetChanges() => _changed.Clear();

    /// <summary>Partitions assigned by hand, outside of any group.</summary>
    public void Own(IEnumerable<TopicPartition> partitions)
    {
        _owned.Clear();
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
            _waiting = [.. _waiting, .. copied];
            AssignWaiting();
        }
        else
        {
            Unassign(copied);
        }
    }

    /// <summary>Takes over what the group has assigned: committed positions, the owner's answer, then the client's start.</summary>
    public void AssignWaiting()
    {
        if (_waiting.Length == 0 && Handler is not null)
        {
            // The group gave this member nothing: the client still waits to hear that this was understood.
            Start([]);
            return;
        }

        try
        {
            Start(Handler is null ? [] : PositionsFor(Handler));
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
        Tell(partitions, isPaused: true);
    }

    public void Resume(IReadOnlyCollection<TopicPartition> partitions)
    {
        _paused.ExceptWith(partitions);
        Tell(partitions, isPaused: false);
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

    private PartitionPosition[] PositionsFor(IAssignmentHandler handler)
    {
        var committed = reader.CommittedNow(_waiting);
        LogEvents.Assigned(logger, group, _waiting);
        LogKafkaMetrics.Rebalanced(group, "assigned", _waiting.Length);
        var starts = Call(() => handler.Assigned(committed));
        if (starts.Length != committed.Length || starts.Any(start => start < 0))
            throw new InvalidOperationException($"{committed.Length} partitions were assigned, and the handler answered [{string.Join(", ", starts)}] to start at");
        return committed.Select((position, i) => new PartitionPosition(position.Topic, position.Partition, starts[i])).ToArray();
    }

    private void Start(PartitionPosition[] positions)
    {
        using var list = PartitionList.Of(positions);
        Check(IsCooperative
            ? NativeError.Take(Librdkafka.rd_kafka_incremental_assign(reader.Client.Pointer, list.Pointer))
            : NativeError.Of(Librdkafka.rd_kafka_assign(reader.Client.Pointer, list.Pointer)));
        _waiting = [];
        foreach (var position in positions)
        {
            _owned.Add(position.TopicPartition);
            _changed.Add(position.TopicPartition);
        }

        // What the handler paused could not be told before the client knew the partitions.
        Tell(positions.Select(position => position.TopicPartition).Where(_paused.Contains).ToArray(), isPaused: true);
    }

    private void Unassign(TopicPartition[] partitions)
    {
        var isLost = Librdkafka.rd_kafka_assignment_lost(reader.Client.Pointer) != 0;
        _waiting = _waiting.Except(partitions).ToArray();
        var owned = partitions.Where(_owned.Contains).ToArray();
        if (owned.Length > 0 && Handler is { } handler)
            Tell(handler, owned, isLost);

        // A pause would outlive the assignment in the client.
        Resume([.. owned.Where(_paused.Contains)]);
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
                return true;
            });
        }
        catch (Exception failure)
        {
            Keep(failure);
        }
    }

    private T Call<T>(Func<T> handler)
    {
        IsInHandler = true;
        try
        {
            return handler();
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
