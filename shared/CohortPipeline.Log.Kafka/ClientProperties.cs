using System.Globalization;
using CohortPipeline.Contracts;

namespace CohortPipeline.Log.Kafka;

/// <summary>
/// The properties of each kind of client: defaults of ours, what the configuration says, and last what our promises rest on.
/// </summary>
internal static class ClientProperties
{
    /// <summary>How long the broker lets a transaction stay open: a dead owner holds its successors up no longer.</summary>
    public static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long one request may take: below the transaction's time-out, or librdkafka refuses.</summary>
    public static readonly TimeSpan SocketTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Room for a batch's and a record's own fields around a record of the greatest size.</summary>
    public const int RecordFrameBytes = 4 * 1024;

    /// <summary>What a client lets pass, and a topic: <see cref="TopicSpec.DefaultRecordBytesMax"/> for key, value and headers, and their frame.</summary>
    public const int MessageBytesMax = TopicSpec.DefaultRecordBytesMax + RecordFrameBytes;

    private const int WriterBatchRecordsMax = 100_000;
    private const string EndWaitMilliseconds = "10";
    private const string True = "true";
    private const string False = "false";

    public static Dictionary<string, string> OfAdmin(KafkaSettings settings)
    {
        var properties = Common(settings);
        properties["allow.auto.create.topics"] = False;
        return properties;
    }

    public static Dictionary<string, string> OfReader(KafkaSettings settings, ReaderOptions options)
    {
        // Defaults that the configuration may change.
        var properties = Common(settings);
        var buffers = settings.Buffers;
        properties.TryAdd("queued.max.messages.kbytes", Text(buffers.ReaderBytes / 1024));
        properties.TryAdd("queued.min.messages", Text(buffers.RecordsMax)); // so many are held, and nothing is fetched above
        properties.TryAdd("fetch.max.bytes", Text(buffers.FetchBytes));
        properties.TryAdd("fetch.queue.backoff.ms", "2"); // librdkafka's 1000 stalls a fast reader
        if (options.ReadsToEnd)
            properties.TryAdd("fetch.wait.max.ms", EndWaitMilliseconds); // an end is told only once a broker has waited so long for more; librdkafka's is 500
        if (!IsConsumerProtocol(properties))
        {
            properties.TryAdd("partition.assignment.strategy", "cooperative-sticky");
            properties.TryAdd("session.timeout.ms", "15000"); // how long a dead member's partitions stand still; as long as its transaction may
            properties.TryAdd("heartbeat.interval.ms", "500"); // how late a member hears that others come or go, all of whom wait for it; librdkafka's is 3000
        }

        // What the contract says.
        properties["group.id"] = options.Group;
        if (options.InstanceId is { } instance)
            properties["group.instance.id"] = instance;
        properties["isolation.level"] = "read_committed";
        properties["enable.auto.commit"] = False;
        properties["enable.auto.offset.store"] = False;
        properties["auto.offset.reset"] = "error";
        properties["enable.partition.eof"] = True;
        properties["check.crcs"] = True;
        properties["allow.auto.create.topics"] = False;
        return properties;
    }

    public static Dictionary<string, string> OfWriter(KafkaSettings settings, string transactionalId, int batchBytesMax)
    {
        var properties = Common(settings);
        properties.TryAdd("queue.buffering.max.kbytes", Text(settings.Buffers.WriterBytes / 1024));
        properties.TryAdd("queue.buffering.max.messages", Text(settings.Buffers.RecordsMax));

        // An idempotent producer of librdkafka 2.16 has one produce request a partition on its way, and its thread spins while
        // more is ready behind it: so few large batches. A commit flushes at once whatever the linger, so no delta waits for it.
        properties.TryAdd("linger.ms", "50");
        properties.TryAdd("batch.size", Text(batchBytesMax));
        properties.TryAdd("batch.num.messages", Text(WriterBatchRecordsMax));

        // A transaction that begins while the markers of the one before it are written is told to come again: an idle lane, which
        // commits whatever it has, meets that often, and librdkafka would wait 100 ms each time.
        properties.TryAdd("retry.backoff.ms", "10");

        properties["transactional.id"] = transactionalId;
        properties["transaction.timeout.ms"] = Text((int)TransactionTimeout.TotalMilliseconds);
        properties["enable.idempotence"] = True;
        properties["acks"] = "all";
        return properties;
    }

    private static Dictionary<string, string> Common(KafkaSettings settings)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client.id"] = "cohort-pipeline",
            ["socket.timeout.ms"] = Text((int)SocketTimeout.TotalMilliseconds),
            ["topic.metadata.refresh.interval.ms"] = "10000", // who leads a partition; with librdkafka's 300000 and 900000 an old
            ["metadata.max.age.ms"] = "30000", //               leader that answers nothing may be asked for a quarter of an hour
            ["socket.connection.setup.timeout.ms"] = "5000",
            ["socket.keepalive.enable"] = True,
            ["metadata.recovery.strategy"] = "none", // after its "rebootstrap" librdkafka 2.16 waits for ever for a group's coordinator that it has thrown away
            ["reconnect.backoff.ms"] = "100",
            ["reconnect.backoff.max.ms"] = "2000",
        };
        foreach (var (name, value) in settings.Properties)
            properties[name] = value;
        properties["message.max.bytes"] = Text(MessageBytesMax);
        return properties;
    }

    /// <summary>True with the consumer protocol (KIP-848), false with the classic one.</summary>
    public static bool IsConsumerProtocol(IReadOnlyDictionary<string, string> properties) =>
        properties.TryGetValue("group.protocol", out var protocol) && protocol == "consumer";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
