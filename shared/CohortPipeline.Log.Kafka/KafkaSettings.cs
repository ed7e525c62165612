using CohortPipeline.Log.Kafka.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Log.Kafka;

/// <summary>
/// librdkafka's own properties as the configuration section <c>Kafka:</c> holds them, checked: any property passes through
/// (TLS, SASL, buffers), but for those that the promises of this log rest on.
/// </summary>
public sealed class KafkaSettings
{
    /// <summary>Name of the configuration section, for messages.</summary>
    public const string Section = "Kafka";

    internal const string BootstrapServersName = "bootstrap.servers";

    private const string ReadsCommittedAlone = "readers see committed records alone";
    private const string CommitsWithTransactions = "positions are committed with the outputs, as one";
    private const string PositionsAreExplicit = "readers start where the committed position says, nowhere else";
    private const string WritesTransactionally = "writers are transactional and idempotent";
    private const string NamesItsGroups = "the pipeline names its groups, members and transactional ids itself";

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["isolation.level"] = ReadsCommittedAlone,
        ["enable.auto.commit"] = CommitsWithTransactions,
        ["auto.commit.enable"] = CommitsWithTransactions,
        ["auto.commit.interval.ms"] = CommitsWithTransactions,
        ["enable.auto.offset.store"] = CommitsWithTransactions,
        ["offset.store.method"] = CommitsWithTransactions,
        ["auto.offset.reset"] = PositionsAreExplicit,
        ["enable.partition.eof"] = "the end of a partition is told by its signal",
        ["check.crcs"] = "records are checked against their checksums",
        ["allow.auto.create.topics"] = "topics are created with the partitions and policies they need, or not at all",
        ["group.id"] = NamesItsGroups,
        ["group.instance.id"] = NamesItsGroups,
        ["transactional.id"] = NamesItsGroups,
        ["transaction.timeout.ms"] = "a dead owner must not hold its successors up for long",
        ["enable.idempotence"] = WritesTransactionally,
        ["enable.gapless.guarantee"] = WritesTransactionally,
        ["acks"] = WritesTransactionally,
        ["request.required.acks"] = WritesTransactionally,
        ["partitioner"] = "records are partitioned as Java's producer does (murmur2)",
        ["message.max.bytes"] = "the size of a record is one for topics, readers and writers",
        ["queue.buffering.backpressure.threshold"] = "the writer batches by itself",
        ["test.mock.num.brokers"] = "the mock cluster keeps no promise of a log",
    };

    private KafkaSettings(IReadOnlyDictionary<string, string> properties, long bufferBytes)
    {
        Properties = properties;
        Buffers = new(bufferBytes);
        BootstrapServers = properties[BootstrapServersName];
    }

    /// <summary>Where the cluster is looked for: named in every message about its absence.</summary>
    public string BootstrapServers { get; }

    internal IReadOnlyDictionary<string, string> Properties { get; }

    internal ClientBuffers Buffers { get; }

    /// <param name="bufferBytes">How much of the log a reader and its writer may hold; properties of librdkafka that say something else win.</param>
    /// <exception cref="LogException">Names every property that is refused, unknown or malformed.</exception>
    public static KafkaSettings Parse(IEnumerable<KeyValuePair<string, string?>> properties, long bufferBytes = ClientBuffers.DefaultBytes)
    {
        var given = properties.Where(property => property.Value is not null).ToDictionary(property => property.Key, property => property.Value!, StringComparer.Ordinal);
        var errors = Check(given);
        return errors.Count == 0 ? new KafkaSettings(given, bufferBytes) : throw new LogException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>Everything that is wrong with these properties, each error naming its property; empty if nothing is.</summary>
    public static IReadOnlyList<string> Check(IEnumerable<KeyValuePair<string, string?>> properties) =>
        Check(properties.Where(property => property.Value is not null).ToDictionary(property => property.Key, property => property.Value!, StringComparer.Ordinal));

    private static List<string> Check(Dictionary<string, string> given)
    {
        var errors = new List<string>();
        foreach (var (name, value) in given)
        {
            if (Refused.TryGetValue(name, out var promise))
                errors.Add($"{Section}:{name} cannot be set: {promise}.");
            else if (ClientHandle.Check(name, value) is { } refusal)
                errors.Add($"{Section}:{name}: {refusal}.");
        }

        if (!given.TryGetValue(BootstrapServersName, out var servers) || servers.Length == 0)
            errors.Add($"{Section}:{BootstrapServersName} is missing: the brokers to begin with, as host:port,host:port.");
        if (errors.Count == 0)
            errors.AddRange(CheckTogether(new KafkaSettings(given, ClientBuffers.DefaultBytes)));
        return errors;
    }

    /// <summary>Some properties contradict each other only in a client of a kind: each kind is opened once and closed again.</summary>
    private static IEnumerable<string> CheckTogether(KafkaSettings settings)
    {
        const string Probe = "settings-check";
        return new[]
        {
            ErrorOf(ClientKind.Consumer, ClientProperties.OfReader(settings, new ReaderOptions(Probe))),
            ErrorOf(ClientKind.Producer, ClientProperties.OfWriter(settings, Probe, ILog.BatchBytesOurTopicsTake)),
        }.OfType<string>().Distinct();
    }

    private static string? ErrorOf(ClientKind kind, IReadOnlyDictionary<string, string> properties)
    {
        try
        {
            ClientHandle.Open(kind, properties, NullLogger.Instance).Dispose();
            return null;
        }
        catch (LogException refusal)
        {
            return $"{Section}: {refusal.Message}.";
        }
    }
}
