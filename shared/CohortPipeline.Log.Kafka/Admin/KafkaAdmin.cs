using CohortPipeline.Contracts;
using CohortPipeline.Log.Kafka.Native;
using CohortPipeline.Log.Kafka.Reading;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Admin;

/// <summary>Topics and groups from outside, over Confluent's admin client. No call of it creates a topic by asking for it.</summary>
/// <remarks>
/// Confluent's DescribeTopics is not among the calls: its thread for answers cannot read that of a partition without a replica
/// in sync, as each is when its only broker has just come back, and then destroys the client under everybody else's hands.
/// </remarks>
internal sealed class KafkaAdmin : ILogAdmin, IDisposable
{
    /// <summary>How long one call may take; the caller waits and tries again.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan KnownTopicPause = TimeSpan.FromMilliseconds(20);

    private readonly KafkaSettings _settings;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IAdminClient _client;
    private readonly TopicMetadata _topics;

    public KafkaAdmin(KafkaSettings settings, ILogger logger, TimeProvider time)
    {
        _settings = settings;
        _logger = logger;
        _time = time;
        _client = new AdminClientBuilder(ClientProperties.OfAdmin(settings))
            .SetLogHandler((_, message) => LogEvents.Librdkafka(logger, (int)message.Level, message.Facility, message.Message))
            .SetErrorHandler((_, error) => LogEvents.ClientError(logger, (int)error.Code, error.Reason))
            .Build();
        _topics = new TopicMetadata(settings, logger);
    }

    public async Task<Log.TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation)
    {
        if (await PartitionCountAsync(topic, cancellation) is not { } partitionCount)
            return null;

        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        var results = await AskAsync(
            $"describing the settings of topic {topic}",
            () => _client.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = CallTimeout }),
            cancellation);
        return TopicSettings.Describe(topic, partitionCount, results[0].Entries);
    }

    public async Task CreateAsync(TopicSpec topic, CancellationToken cancellation)
    {
        var specification = TopicSettings.SpecificationOf(topic);
        try
        {
            await _client
                .CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = CallTimeout, OperationTimeout = CallTimeout })
                .WaitAsync(cancellation);
            LogEvents.TopicCreated(_logger, topic.Name, topic.PartitionCount, specification.Configs[TopicSettings.CleanupPolicy]);
        }
        catch (CreateTopicsException failure) when (failure.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another service of the pipeline was faster, or an earlier start was: its description is checked by the caller.
        }
        catch (KafkaException failure)
        {
            throw Failed($"creating topic {topic.Name}", failure);
        }

        await UntilKnownAsync(topic.Name, cancellation);
    }

    public async Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation)
    {
        var partitionCount = await PartitionCountAsync(topic, cancellation)
            ?? throw NoTopic(topic);
        var partitions = Enumerable.Range(0, partitionCount).Select(partition => new TopicPartition(topic, partition)).ToArray();
        return await OffsetsAsync(partitions, OffsetSpec.Latest(), isolation, cancellation);
    }

    public Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation) =>
        Task.Factory.StartNew(
            async () =>
            {
                var partitionCount = await PartitionCountAsync(topic, cancellation)
                    ?? throw NoTopic(topic);
                var partitions = Enumerable.Range(0, partitionCount).Select(partition => new TopicPartition(topic, partition)).ToArray();

                // A consumer that never joins: the group's positions are asked for under its name alone.
                using var asking = ClientHandle.Open(ClientKind.Consumer, ClientProperties.OfReader(_settings, new ReaderOptions(group)), _logger);
                return GroupPositions.Query(asking, _settings, partitions, GroupPositions.StableTimeout);
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();

    public void Dispose()
    {
        _client.Dispose();
        _topics.Dispose();
    }

    /// <summary>How many partitions the topic has; null if there is no such topic. Never creates it, as a producer's own question would.</summary>
    public Task<int?> PartitionCountAsync(string topic, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => _topics.PartitionCount(topic, CallTimeout), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellation);

    /// <summary>The number of partitions, asked on the caller's thread.</summary>
    /// <exception cref="LogException">There is no such topic.</exception>
    public int PartitionCount(string topic) =>
        _topics.PartitionCount(topic, CallTimeout)
        ?? throw NoTopic(topic);

    public LogException NoTopic(string topic) => new($"there is no topic {topic} on Kafka at {_settings.BootstrapServers}");

    public long FirstOffset(TopicPartition partition) =>
        OffsetsAsync([partition], OffsetSpec.Earliest(), Isolation.Uncommitted, CancellationToken.None).GetAwaiter().GetResult()[0];

    public long EndOffset(TopicPartition partition, Isolation isolation) =>
        OffsetsAsync([partition], OffsetSpec.Latest(), isolation, CancellationToken.None).GetAwaiter().GetResult()[0];

    /// <summary>The controller answers before every broker has heard of a new topic.</summary>
    private async Task UntilKnownAsync(string topic, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        while (!await IsKnownAsync(topic, cancellation))
        {
            if (_time.GetElapsedTime(started) > CallTimeout)
                throw new LogUnavailableException($"topic {topic} was created, but brokers at {_settings.BootstrapServers} did not know it within {CallTimeout.TotalSeconds:0} s");
            await Task.Delay(KnownTopicPause, _time, cancellation);
        }
    }

    /// <summary>Known to whoever describes topics, and to the leaders of its partitions.</summary>
    private async Task<bool> IsKnownAsync(string topic, CancellationToken cancellation)
    {
        if (await PartitionCountAsync(topic, cancellation) is null)
            return false;
        try
        {
            await EndOffsetsAsync(topic, Isolation.Uncommitted, cancellation);
            return true;
        }
        catch (LogUnavailableException)
        {
            return false;
        }
    }

    private async Task<long[]> OffsetsAsync(TopicPartition[] partitions, OffsetSpec which, Isolation isolation, CancellationToken cancellation)
    {
        var question = partitions
            .Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new(partition.Topic, partition.Partition), OffsetSpec = which })
            .ToArray();

        // The option decides what is seen, not the handle.
        var options = new ListOffsetsOptions
        {
            RequestTimeout = CallTimeout,
            IsolationLevel = isolation == Isolation.Committed ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted,
        };
        var result = await AskAsync($"asking for offsets of {partitions[0].Topic}", () => ListOffsetsAsync(question, options, cancellation), cancellation);
        var offsets = result.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
        return partitions.Select(partition => ListedOffset.Of(partition, offsets[partition.Partition], _settings.BootstrapServers)).ToArray();
    }

    private async Task<T> AskAsync<T>(string attempted, Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call().WaitAsync(cancellation);
        }
        catch (ListOffsetsException failure)
        {
            throw Failed(attempted, ErrorOf(failure), failure);
        }
        catch (KafkaException failure)
        {
            throw Failed(attempted, failure);
        }
    }

    /// <summary>
    /// By itself the client goes on asking whom it takes for the leader: one that a broker's restart has made another refuses
    /// that each time. So the second time it learns first who leads.
    /// </summary>
    private async Task<ListOffsetsResult> ListOffsetsAsync(TopicPartitionOffsetSpec[] question, ListOffsetsOptions options, CancellationToken cancellation)
    {
        try
        {
            return await _client.ListOffsetsAsync(question, options).WaitAsync(cancellation);
        }
        catch (ListOffsetsException failure) when (KafkaErrors.IsUnavailable(ErrorOf(failure).Code))
        {
            await Task.Factory.StartNew(
                () => _client.GetMetadata(question[0].TopicPartition.Topic, CallTimeout),
                cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).WaitAsync(cancellation);
            return await _client.ListOffsetsAsync(question, options).WaitAsync(cancellation);
        }
    }

    private static Error ErrorOf(ListOffsetsException failure) =>
        failure.Result.ResultInfos.First(info => info.TopicPartitionOffsetError.Error.IsError).TopicPartitionOffsetError.Error;

    private Exception Failed(string attempted, KafkaException failure) => Failed(attempted, failure.Error, failure);

    private Exception Failed(string attempted, Error error, Exception failure) =>
        KafkaErrors.ToException(attempted, _settings.BootstrapServers, error.Code, error.Reason, failure);
}
