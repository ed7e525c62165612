using CohortPipeline.Contracts;
using CohortPipeline.Log.Kafka.Admin;
using CohortPipeline.Log.Kafka.Native;
using CohortPipeline.Log.Kafka.Reading;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Writing;

/// <summary>
/// A transactional producer. Records are staged a topic in native memory and handed over by the batch call; records with
/// headers go one by one, after what was staged before them, so that a partition keeps its order.
/// </summary>
/// <remarks>
/// Delivery reports are off: within a transaction the commit tells of every failure. When a record is refused in the middle
/// of a transaction, the transaction can only be aborted: the writer remembers the reason, takes no more in, and the commit
/// answers <see cref="CommitOutcome.Aborted"/>.
/// </remarks>
internal sealed unsafe class KafkaWriter : ILogWriter
{
    /// <summary>How long an opening waits for any broker at all.</summary>
    private static readonly TimeSpan ReachTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long an opening waits for the coordinator to end a predecessor's transaction.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long one transactional call may take: above the transaction's own time-out, after which the broker has decided.</summary>
    private static readonly TimeSpan StepTimeout = ClientProperties.TransactionTimeout + TimeSpan.FromSeconds(5);

    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QueueFullTimeout = ClientProperties.TransactionTimeout;
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// A commit is answered before its markers are written, and the next transaction is turned away until they are: librdkafka
    /// comes again after 20 ms, whatever it is told. So a commit that follows the one before it at once leaves a moment, in which
    /// a broker nearby has written them. One that had records to gather has waited longer already.
    /// </summary>
    private static readonly TimeSpan MarkersPause = TimeSpan.FromMilliseconds(2);

    private readonly KafkaSettings _settings;
    private readonly KafkaAdmin _admin;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClientHandle _client;
    private readonly Dictionary<string, KafkaOutputTopic> _topics = new(StringComparer.Ordinal);
    private string? _abortReason;
    private string? _endReason;
    private long _begun;
    private long _committed;

    public KafkaWriter(KafkaSettings settings, string transactionalId, int batchBytesMax, KafkaAdmin admin, ILogger logger, TimeProvider time)
    {
        TransactionalId = transactionalId;
        _settings = settings;
        _admin = admin;
        _logger = logger;
        _time = time;
        var started = time.GetTimestamp();
        _client = ClientHandle.Open(ClientKind.Producer, ClientProperties.OfWriter(settings, transactionalId, batchBytesMax), logger);
        var error = _client.Reach(ReachTimeout);
        if (error.IsNone)
            error = NativeError.Take(Librdkafka.rd_kafka_init_transactions(_client.Pointer, (int)OpenTimeout.TotalMilliseconds));
        if (!error.IsNone)
        {
            _client.Dispose();
            throw KafkaErrors.ToException($"opening the writer {transactionalId} (waited {_time.GetElapsedTime(started).TotalSeconds:0} s)", settings.BootstrapServers, error);
        }

        LogEvents.WriterOpened(logger, transactionalId);
    }

    public string TransactionalId { get; }

    public bool InTransaction { get; private set; }

    /// <summary>The broker may have ended the transaction by its time-out.</summary>
    private bool HasOutlivedItsTimeout => InTransaction && _time.GetElapsedTime(_begun) >= ClientProperties.TransactionTimeout;

    public OutputTopic Topic(string name)
    {
        ThrowIfEnded();
        if (_topics.TryGetValue(name, out var known))
            return known;

        // The admin's question first: a producer's own would create a missing topic where the brokers allow it.
        var partitionCount = _admin.PartitionCount(name);
        var handle = Librdkafka.rd_kafka_topic_new(_client.Pointer, name, conf: 0);
        LearnPartitions(name, handle);
        return _topics[name] = new KafkaOutputTopic(name, partitionCount, handle);
    }

    public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        ThrowIfEnded();
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, topic.PartitionCount); // an unknown one would block the producer for good
        var bytes = key.Span.Length + value.Span.Length + (headers is null ? 0 : HeaderRecord.BytesOf(headers));
        if (bytes > TopicSpec.DefaultRecordBytesMax)
            throw new LogException($"a record of {bytes} bytes for {topic.Name} exceeds the {TopicSpec.DefaultRecordBytesMax} bytes that the log takes");

        if (!InTransaction)
            Begin();
        var output = (KafkaOutputTopic)topic;
        if (headers is { IsEmpty: false })
        {
            Flush(output);
            AppendNow(output, partition, key, value, headers);
        }
        else if (!output.Staged.TryStage(partition, key, value))
        {
            Flush(output);
            output.Staged.TryStage(partition, key, value);
        }
    }

    public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        ThrowIfEnded();
        if (!InTransaction && positions.Count == 0)
            throw new InvalidOperationException("an empty commit passes even where this writer is fenced: it says nothing");
        if (positions.Count > 0 && reader is null)
            throw new ArgumentException("positions are committed for the group of a reader", nameof(reader));

        try
        {
            if (!InTransaction)
                Begin();
            WaitForMarkers();
            foreach (var topic in _topics.Values)
                Flush(topic);
        }
        catch (FencedException)
        {
            return CommitOutcome.Fenced;
        }

        if (_abortReason is null && positions.Count > 0)
        {
            var outcome = SendOffsets((KafkaReader)reader!, positions);
            if (outcome is StepOutcome.Unknown or StepOutcome.Fenced)
                return End(outcome);
        }

        return _abortReason is null ? CommitStaged() : Abort();
    }

    public CommitOutcome Abort()
    {
        ThrowIfEnded();
        if (!InTransaction)
            return CommitOutcome.Aborted;

        LogEvents.TransactionAborted(_logger, TransactionalId, _abortReason ?? "its owner gave it up");
        var error = NativeError.Take(Librdkafka.rd_kafka_abort_transaction(_client.Pointer, (int)StepTimeout.TotalMilliseconds));
        var outcome = TransactionStep.OfAbort(error, _client.FatalError(), HasOutlivedItsTimeout);
        if (outcome != StepOutcome.Done)
            return End(outcome, "the abort", error);

        Clear();
        LogKafkaMetrics.Ended(CommitOutcome.Aborted);
        return CommitOutcome.Aborted;
    }

    public void Dispose()
    {
        if (_client.Pointer == 0)
            return;

        // Readers wait behind an open transaction: it is ended here if its outcome is ours to say. After an unknown outcome
        // it is not: the next writer of this id decides.
        if (InTransaction && _endReason is null)
            Abort();
        foreach (var topic in _topics.Values)
            topic.Dispose();
        _client.GiveUp();
    }

    private void Begin()
    {
        var error = NativeError.Take(Librdkafka.rd_kafka_begin_transaction(_client.Pointer));
        if (!error.IsNone)
        {
            _endReason = error.ToString();
            if (KafkaErrors.IsFenced(_client.FatalError().Code) || KafkaErrors.IsFenced(error.Code))
            {
                LogEvents.WriterFenced(_logger, TransactionalId, error.ToString());
                LogKafkaMetrics.Ended(CommitOutcome.Fenced);
                throw Fenced();
            }

            throw KafkaErrors.ToException($"beginning a transaction of {TransactionalId}", _settings.BootstrapServers, error);
        }

        InTransaction = true;
        _begun = _time.GetTimestamp();
    }

    /// <summary>
    /// Makes the producer know the topic's partitions: an explicit partition of a topic it has not heard of is registered
    /// wrongly in the transaction, which then cannot commit.
    /// </summary>
    private void LearnPartitions(string name, nint handle)
    {
        NativeMetadata* metadata = null;
        var code = Librdkafka.rd_kafka_metadata(_client.Pointer, allTopics: 0, handle, &metadata, (int)TopicTimeout.TotalMilliseconds);
        if (code == ErrorCode.NoError)
        {
            code = metadata->Topics[0].Error;
            Librdkafka.rd_kafka_metadata_destroy(metadata);
        }

        if (code != ErrorCode.NoError)
        {
            Librdkafka.rd_kafka_topic_destroy(handle);
            throw KafkaErrors.ToException($"asking for the partitions of {name}", _settings.BootstrapServers, NativeError.Of(code));
        }
    }

    private void Flush(KafkaOutputTopic topic)
    {
        var staged = topic.Staged;
        var next = 0;
        var started = _time.GetTimestamp();
        while (next < staged.Count && _abortReason is null)
        {
            var count = staged.Count - next;
            var taken = Librdkafka.rd_kafka_produce_batch(topic.Handle, partition: 0, ProduceFlags.Copy | ProduceFlags.Partition, staged[next], count);
            if (taken == count)
                break;

            // A full queue takes the first ones and refuses all that follow; anything else spoils the transaction.
            while (staged[next]->Error == ErrorCode.NoError)
                next++;
            WaitForRoom(NativeError.Of(staged[next]->Error), topic.Name, started);
            for (var i = next; i < staged.Count; i++)
                staged[i]->Error = ErrorCode.NoError;
        }

        LogKafkaMetrics.Sent(topic.Name, staged.Count);
        staged.Clear();
    }

    private void AppendNow(KafkaOutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders headers)
    {
        var started = _time.GetTimestamp();
        while (_abortReason is null)
        {
            var error = HeaderRecord.Produce(_client, topic.Handle, partition, key, value, headers);
            if (error.IsNone)
            {
                LogKafkaMetrics.Sent(topic.Name, 1);
                return;
            }

            WaitForRoom(error, topic.Name, started);
        }
    }

    private void WaitForMarkers()
    {
        var left = MarkersPause - _time.GetElapsedTime(_committed);
        if (_committed != 0 && left > TimeSpan.Zero)
            _client.Serve(left);
    }

    /// <summary>Waits a moment if the queue was full; any other refusal, or one that lasts, means that the transaction must be aborted.</summary>
    private void WaitForRoom(NativeError error, string topic, long started)
    {
        if (error.Code == ErrorCode.Local_QueueFull && _time.GetElapsedTime(started) < QueueFullTimeout)
        {
            _client.Serve(QueueFullPause);
            return;
        }

        var fatal = _client.FatalError();
        _abortReason = $"{topic} did not take a record: {(fatal.IsNone ? error : fatal)}";
        if (!fatal.IsNone && KafkaErrors.IsFenced(fatal.Code) && !HasOutlivedItsTimeout)
        {
            End(StepOutcome.Fenced, "appending", fatal);
            throw Fenced();
        }
    }

    /// <summary>
    /// Group metadata is taken fresh at each commit, as the group refuses that of before a rebalance; but it accepts fresh
    /// metadata for a partition that another member owns. So only partitions that the reader owns itself are let through.
    /// </summary>
    private StepOutcome SendOffsets(KafkaReader reader, IReadOnlyList<CommittedPosition> positions)
    {
        foreach (var position in positions)
        {
            if (!reader.Owns(position.TopicPartition))
            {
                _abortReason = $"{position.TopicPartition} is not this reader's any more";
                return StepOutcome.MustAbort;
            }
        }

        // A client that has no place in the group has none to tell; destroying nothing would end the process.
        var group = Librdkafka.rd_kafka_consumer_group_metadata(reader.Client.Pointer);
        if (group == 0)
        {
            _abortReason = "its reader is no member of its group any more";
            return StepOutcome.MustAbort;
        }

        using var list = PartitionList.Of(positions);
        var error = NativeError.Take(
            Librdkafka.rd_kafka_send_offsets_to_transaction(_client.Pointer, list.Pointer, group, (int)StepTimeout.TotalMilliseconds));
        Librdkafka.rd_kafka_consumer_group_metadata_destroy(group);

        var outcome = TransactionStep.OfOffsets(error, _client.FatalError(), HasOutlivedItsTimeout);
        if (outcome != StepOutcome.Done)
            _abortReason = $"its positions were refused: {error}";
        return outcome;
    }

    private CommitOutcome CommitStaged()
    {
        _client.Serve(TimeSpan.Zero);
        var error = NativeError.Take(Librdkafka.rd_kafka_commit_transaction(_client.Pointer, (int)StepTimeout.TotalMilliseconds));
        var outcome = TransactionStep.OfCommit(error, _client.FatalError(), HasOutlivedItsTimeout);
        if (outcome == StepOutcome.MustAbort)
        {
            _abortReason = $"its commit was refused: {error}";
            return Abort();
        }

        if (outcome != StepOutcome.Done)
            return End(outcome, "the commit", error);

        Clear();
        _committed = _time.GetTimestamp();
        LogKafkaMetrics.Ended(CommitOutcome.Committed);
        return CommitOutcome.Committed;
    }

    private CommitOutcome End(StepOutcome outcome) => End(outcome, "sending positions", _client.FatalError());

    /// <summary>The writer cannot go on: only disposing of it is left.</summary>
    private CommitOutcome End(StepOutcome outcome, string step, NativeError error)
    {
        Clear();
        _endReason = error.ToString();
        var ended = outcome == StepOutcome.Fenced ? CommitOutcome.Fenced : CommitOutcome.Unknown;
        if (ended == CommitOutcome.Fenced)
            LogEvents.WriterFenced(_logger, TransactionalId, _endReason);
        else
            LogEvents.OutcomeUnknown(_logger, step, TransactionalId, _endReason);
        LogKafkaMetrics.Ended(ended);
        return ended;
    }

    private void Clear()
    {
        InTransaction = false;
        _abortReason = null;
        foreach (var topic in _topics.Values)
            topic.Staged.Clear();
    }

    private FencedException Fenced() => new($"{TransactionalId} on Kafka at {_settings.BootstrapServers}: {_endReason}");

    private void ThrowIfEnded()
    {
        ObjectDisposedException.ThrowIf(_client.Pointer == 0, this);
        if (_endReason is not null)
            throw Fenced();
    }
}
