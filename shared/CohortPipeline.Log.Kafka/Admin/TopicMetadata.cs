using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Admin;

/// <summary>
/// Asks the brokers for topics on a client of its own, which belongs to no group. Any thread may ask; the client ends when
/// the last one that asks has its answer.
/// </summary>
internal sealed unsafe class TopicMetadata : IDisposable
{
    private readonly KafkaSettings _settings;
    private readonly ClientHandle _client;
    private readonly ReaderWriterLockSlim _asking = new();

    public TopicMetadata(KafkaSettings settings, ILogger logger)
    {
        _settings = settings;
        _client = ClientHandle.Open(ClientKind.Consumer, ClientProperties.OfAdmin(settings), logger);
    }

    /// <summary>How many partitions the topic has; null if there is no such topic. Blocks until the brokers answer.</summary>
    /// <exception cref="LogUnavailableException">They did not within <paramref name="timeout"/>.</exception>
    public int? PartitionCount(string topic, TimeSpan timeout)
    {
        _asking.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_client.Pointer == 0, this);
            var count = PartitionCount(_client, _settings, topic, timeout);

            // What it has to say would gather otherwise.
            _client.Serve(TimeSpan.Zero);
            return count;
        }
        finally
        {
            _asking.ExitReadLock();
        }
    }

    /// <summary>The same, asked by another client, which knows from then on who leads the topic's partitions.</summary>
    public static int? PartitionCount(ClientHandle client, KafkaSettings settings, string topic, TimeSpan timeout)
    {
        var handle = Librdkafka.rd_kafka_topic_new(client.Pointer, topic, conf: 0);
        NativeMetadata* metadata = null;
        var code = Librdkafka.rd_kafka_metadata(client.Pointer, allTopics: 0, handle, &metadata, (int)timeout.TotalMilliseconds);
        var partitions = 0;
        if (code == ErrorCode.NoError)
        {
            code = metadata->Topics[0].Error;
            partitions = metadata->Topics[0].PartitionCount;
            Librdkafka.rd_kafka_metadata_destroy(metadata);
        }

        Librdkafka.rd_kafka_topic_destroy(handle);
        return code switch
        {
            ErrorCode.NoError => partitions,
            ErrorCode.UnknownTopicOrPart => null,
            _ => throw KafkaErrors.ToException($"describing topic {topic}", settings.BootstrapServers, NativeError.Of(code)),
        };
    }

    public void Dispose()
    {
        _asking.EnterWriteLock();
        try
        {
            _client.Dispose();
        }
        finally
        {
            _asking.ExitWriteLock();
        }
    }
}
