using System.Diagnostics;
using System.Runtime.ExceptionServices;
using CohortPipeline.Log.Kafka.Admin;
using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>
/// A consumer read by <c>rd_kafka_consume_batch_queue</c>: records are views on librdkafka's memory, given back by the next
/// poll. Rebalances are served inside the same call, on the caller's thread.
/// </summary>
internal sealed unsafe partial class KafkaReader : ILogReader, IClientEvents
{
    /// <summary>How long one question for committed positions may take; while a transaction is pending the caller asks again.</summary>
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a poll asks whether any broker is there, once the client has had trouble.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a name that is held is left alone before it is asked for again.</summary>
    private static readonly TimeSpan NamePause = TimeSpan.FromSeconds(1);

    private readonly KafkaSettings _settings;
    private readonly ReaderOptions _options;
    private readonly KafkaAdmin _admin;
    private readonly ILogger _logger;
    private readonly bool _isConsumerProtocol;
    private readonly GroupMembership _membership;
    private readonly MessageBuffer _messages = new();
    private readonly KafkaRecordBatch _batch = new();
    private readonly Dictionary<string, int> _partitionCounts = new(StringComparer.Ordinal);
    private nint _queue;
    private IReadOnlyList<string> _topics = [];
    private long? _nameHeldAt;
    private ExceptionDispatchInfo? _refusal;
    private bool _areMessagesDelivered;

    /// <summary>
    /// The client had trouble with a connection, which it says once. Only an answer from a broker ends it: records may come out of
    /// the client's memory, and errors of partitions come as messages too.
    /// </summary>
    private bool _isTroubled;

    private bool _isClosed;

    public KafkaReader(KafkaSettings settings, ReaderOptions options, KafkaAdmin admin, ILogger logger)
    {
        _settings = settings;
        _options = options;
        _admin = admin;
        _logger = logger;
        var properties = ClientProperties.OfReader(settings, options);
        _isConsumerProtocol = ClientProperties.IsConsumerProtocol(properties);
        _membership = new GroupMembership(this, options.Group, logger);
        Client = Open(properties);
    }

    public ClientHandle Client { get; private set; }

    public bool Owns(TopicPartition partition) => _membership.Owned.Contains(partition);

    public void Subscribe(IReadOnlyList<string> topics, IAssignmentHandler handler)
    {
        ThrowIfClosed();
        foreach (var topic in topics)
            _admin.PartitionCount(topic);

        _membership.Handler = handler;
        _topics = topics;
        SubscribeClient();
    }

    public void Assign(IReadOnlyList<PartitionPosition> positions)
    {
        ThrowIfClosed();
        foreach (var position in positions)
            ThrowIfUnknown(position.TopicPartition);

        DropMessages();
        _membership.ResumeAll();
        using var list = PartitionList.Of(positions);
        Check("assigning partitions", NativeError.Of(Librdkafka.rd_kafka_assign(Client.Pointer, positions.Count == 0 ? null : list.Pointer)));
        _membership.Own(positions.Select(position => position.TopicPartition));
    }

    public RecordBatch Poll(int recordsMax, TimeSpan timeout)
    {
        ThrowIfClosed();
        if (_membership.IsInHandler)
            throw new InvalidOperationException("a handler cannot poll: it runs inside a poll");

        if (_areMessagesDelivered)
            DropMessages();
        ComeAgainForName();
        _batch.Clear(recordsMax);
        if (_isConsumerProtocol)
            _membership.NoticeJoin();
        if (_membership.HasWaiting)
            _membership.AssignWaiting();
        Gather(recordsMax, _membership.HasFailed ? TimeSpan.Zero : timeout);

        // What was gathered stays for the next poll if something is thrown here.
        _membership.ThrowFailure();
        if (_seeks.Count > 0)
            SeekDeferred();
        return Deliver();
    }

    public CommittedPosition[] Committed(IReadOnlyList<TopicPartition> partitions)
    {
        ThrowIfClosed();
        return GroupPositions.Query(Client, _settings, partitions, AskTimeout);
    }

    public bool Commit(IReadOnlyList<CommittedPosition> positions)
    {
        ThrowIfClosed();
        if (positions.Count == 0)
            return true;
        if (!positions.All(position => Owns(position.TopicPartition)))
            return false;

        using var list = PartitionList.Of(positions);
        var error = NativeError.Of(Librdkafka.rd_kafka_commit(Client.Pointer, list.Pointer, isAsynchronous: 0));
        foreach (ref readonly var element in list.Elements)
        {
            if (error.IsNone)
                error = NativeError.Of(element.Error);
        }

        // A client that is on its way out of the group may drop what its handler asks for last: the next owner begins where
        // the group's positions stand then, too.
        if (KafkaErrors.IsGroupMovedOn(error.Code) || error.Code == ErrorCode.Local_Destroy)
            return false;
        Check("committing positions", error);
        return true;
    }

    public long FirstOffset(TopicPartition partition)
    {
        ThrowIfUnknown(partition);
        return _admin.FirstOffset(partition);
    }

    public long EndOffset(TopicPartition partition, Isolation isolation)
    {
        ThrowIfUnknown(partition);
        return _admin.EndOffset(partition, isolation);
    }

    public void Leave()
    {
        ThrowIfClosed();
        Close();
        _membership.ThrowFailure();
    }

    public void Dispose()
    {
        if (Client.Pointer == 0)
            return;

        _membership.Handler = null;
        if (!_isClosed)
            Close();
        _messages.Dispose();
        Client.Dispose();
    }

    void IClientEvents.ErrorReported(ErrorCode code, string text)
    {
        if (KafkaErrors.IsUnavailable(code))
            _isTroubled = true;
    }

    void IClientEvents.Rebalanced(ErrorCode kind, NativeTopicPartitionList* partitions) => _membership.Rebalanced(kind, partitions);

    /// <summary>
    /// The batch call waits until its array is full or the time is over. So it is asked three times: for what is there, else
    /// for the first message that comes, and then for those that came with it.
    /// </summary>
    private void Gather(int recordsMax, TimeSpan timeout)
    {
        GatherMore(recordsMax, TimeSpan.Zero);
        if (_messages.Count > 0 || timeout <= TimeSpan.Zero)
            return;

        GatherMore(1, timeout);
        if (_messages.Count > 0)
            GatherMore(recordsMax, TimeSpan.Zero);
    }

    /// <summary>librdkafka purges what one call has gathered for a partition that goes in that call; what earlier calls gathered is purged here.</summary>
    private void GatherMore(int total, TimeSpan timeout)
    {
        var held = _messages.Count;
        _membership.ForgetChanges();
        _messages.Take(_queue, total, timeout);
        if (held > 0 && _membership.Changed.Count > 0)
            _messages.Drop(held, key => _membership.Changed.Contains(new(_batch.NameOf(key.Topic), key.Partition)));
    }

    private KafkaRecordBatch Deliver()
    {
        var areSomeHeld = _membership.Held.Count > 0;
        for (var i = 0; i < _messages.Count; i++)
        {
            var message = _messages[i];
            if (areSomeHeld && message->Topic != 0 && _membership.Held.Contains(new(_batch.NameOf(message->Topic), message->Partition)))
                continue;
            if (message->Error == ErrorCode.NoError)
                _batch.Add(message);
            else
                Note(message);
        }

        _areMessagesDelivered = true;
        if (_isTroubled && _messages.Count == 0)
            Probe();

        var refusal = _refusal;
        _refusal = null;
        refusal?.Throw();
        LogKafkaMetrics.Consumed(_options.Group, _batch.Records.Length);
        return _batch;
    }

    private void Note(NativeMessage* message)
    {
        var topic = _batch.NameOf(message->Topic);
        switch (ReadErrors.Of(message->Error))
        {
            case ReadError.EndOfPartition:
                _batch.AddSignal(PartitionSignalKind.EndOfPartition, message);
                break;
            case ReadError.OffsetGone:
                LogEvents.OffsetGone(_logger, topic, message->Partition);
                _batch.AddSignal(PartitionSignalKind.OffsetGone, message);
                break;
            case ReadError.PollIntervalExceeded:
                LogEvents.PollIntervalExceeded(_logger, _options.Group);
                break;
            case ReadError.Disturbed:
                LogEvents.ReadDisturbed(_logger, topic, message->Partition, (int)message->Error, ReadErrors.TextOf(message));
                break;
            default:
                var fatal = Client.FatalError();
                if (fatal.Code == KafkaErrors.UnreleasedInstanceId)
                    _nameHeldAt = Stopwatch.GetTimestamp();
                _refusal ??= ExceptionDispatchInfo.Capture(fatal.IsNone
                    ? KafkaErrors.ToException($"reading {topic}/{message->Partition}", _settings.BootstrapServers, message->Error, ReadErrors.TextOf(message))
                    : KafkaErrors.ToException($"reading as {_options.InstanceId ?? "a member"} of {_options.Group}", _settings.BootstrapServers, fatal));
                break;
        }
    }

    private ClientHandle Open(IReadOnlyDictionary<string, string> properties)
    {
        var client = ClientHandle.Open(ClientKind.Consumer, properties, _logger, this);
        Librdkafka.rd_kafka_poll_set_consumer(client.Pointer);
        _queue = Librdkafka.rd_kafka_queue_get_consumer(client.Pointer);
        return client;
    }

    private void SubscribeClient()
    {
        using var list = PartitionList.OfTopics(_topics);
        Check("subscribing", NativeError.Of(Librdkafka.rd_kafka_subscribe(Client.Pointer, list.Pointer)));
    }

    /// <summary>
    /// A static member's name that the group has not released yet is given out later; but the client is at its end with it,
    /// so that it takes a new one to ask again.
    /// </summary>
    private void ComeAgainForName()
    {
        if (_nameHeldAt is not { } since)
            return;
        if (Stopwatch.GetElapsedTime(since) < NamePause)
            throw new LogUnavailableException($"group {_options.Group} on Kafka at {_settings.BootstrapServers} still holds the name {_options.InstanceId} for another process: it is asked again");
        _nameHeldAt = null;
        CloseClient();
        Client.Dispose();
        Client = Open(ClientProperties.OfReader(_settings, _options));
        SubscribeClient();
    }

    private void Probe()
    {
        var error = Client.Reach(ProbeTimeout);
        if (!error.IsNone)
            throw KafkaErrors.ToException($"reading as a member of {_options.Group}", _settings.BootstrapServers, error);
        _isTroubled = false;
    }

    private void DropMessages()
    {
        _batch.Clear(0);
        _messages.Clear();
        _areMessagesDelivered = false;
    }

    /// <summary>Gives everything back first: closing waits for messages that are still out. While it lasts the owner hears of its partitions for the last time, and may commit.</summary>
    private void Close()
    {
        CloseClient();
        _isClosed = true;
    }

    private void CloseClient()
    {
        DropMessages();
        Librdkafka.rd_kafka_consumer_close(Client.Pointer);
        Librdkafka.rd_kafka_queue_destroy(_queue);
        _membership.Own([]);
    }

    /// <summary>
    /// Asked by this client: one that is told to read what it knows nothing of looks for the leader only now and then, and
    /// stands still for most of a second.
    /// </summary>
    private void ThrowIfUnknown(TopicPartition partition)
    {
        if (!_partitionCounts.TryGetValue(partition.Topic, out var count))
            _partitionCounts[partition.Topic] = count = Admin.TopicMetadata.PartitionCount(Client, _settings, partition.Topic, KafkaAdmin.CallTimeout) ?? throw _admin.NoTopic(partition.Topic);
        if (partition.Partition < 0 || partition.Partition >= count)
            throw new LogException($"topic {partition.Topic} has {count} partitions: there is no {partition}");
    }

    private void Check(string attempted, NativeError error)
    {
        if (!error.IsNone)
            throw KafkaErrors.ToException($"{attempted} for group {_options.Group}", _settings.BootstrapServers, error);
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(Client.Pointer == 0, this);
        if (_isClosed)
            throw new InvalidOperationException($"this reader has left group {_options.Group}");
    }
}
