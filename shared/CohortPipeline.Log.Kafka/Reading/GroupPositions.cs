using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>Asks what a group has committed, with the texts: Confluent.Kafka's own call drops them.</summary>
internal static class GroupPositions
{
    /// <summary>
    /// How long to wait for a pending transaction: the broker ends a dead owner's after its time-out, at its next look.
    /// </summary>
    public static readonly TimeSpan StableTimeout = ClientProperties.TransactionTimeout + TimeSpan.FromSeconds(25);

    /// <summary>Stable positions of the handle's group, in the order asked.</summary>
    public static unsafe CommittedPosition[] Query(ClientHandle handle, KafkaSettings settings, IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout)
    {
        if (partitions.Count == 0)
            return [];

        using var list = PartitionList.Of(partitions);
        var code = Librdkafka.rd_kafka_committed(handle.Pointer, list.Pointer, (int)timeout.TotalMilliseconds);
        if (code != ErrorCode.NoError)
            throw KafkaErrors.ToException($"asking for committed positions of {string.Join(", ", partitions)} for {timeout.TotalSeconds:0} s", settings.BootstrapServers, NativeError.Of(code));

        var committed = new CommittedPosition[partitions.Count];
        for (var i = 0; i < committed.Length; i++)
        {
            ref readonly var element = ref list.Elements[i];
            var partition = PartitionList.PartitionOf(element);
            if (element.Error != ErrorCode.NoError)
                throw KafkaErrors.ToException($"asking for the committed position of {partition}", settings.BootstrapServers, NativeError.Of(element.Error));

            committed[i] = element.Offset >= 0
                ? new(partition.Topic, partition.Partition, element.Offset, PartitionList.MetadataOf(element))
                : new(partition.Topic, partition.Partition, CommittedPosition.None, "");
        }

        return committed;
    }
}
