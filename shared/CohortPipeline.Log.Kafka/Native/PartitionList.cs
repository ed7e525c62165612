using System.Runtime.InteropServices;
using System.Text;

namespace CohortPipeline.Log.Kafka.Native;

/// <summary>An owned list of partitions in librdkafka's memory.</summary>
internal readonly unsafe ref struct PartitionList : IDisposable
{
    private PartitionList(NativeTopicPartitionList* list) => Pointer = list;

    public NativeTopicPartitionList* Pointer { get; }

    public ReadOnlySpan<NativeTopicPartition> Elements => ElementsOf(Pointer);

    public static PartitionList Of(IReadOnlyCollection<TopicPartition> partitions)
    {
        var list = new PartitionList(Librdkafka.rd_kafka_topic_partition_list_new(partitions.Count));
        foreach (var partition in partitions)
            Librdkafka.rd_kafka_topic_partition_list_add(list.Pointer, partition.Topic, partition.Partition);
        return list;
    }

    public static PartitionList Of(IReadOnlyCollection<PartitionPosition> positions)
    {
        var list = new PartitionList(Librdkafka.rd_kafka_topic_partition_list_new(positions.Count));
        foreach (var position in positions)
            Librdkafka.rd_kafka_topic_partition_list_add(list.Pointer, position.Topic, position.Partition)->Offset = position.Offset;
        return list;
    }

    /// <summary>Positions with the texts that are committed with them.</summary>
    public static PartitionList Of(IReadOnlyCollection<CommittedPosition> positions)
    {
        var list = new PartitionList(Librdkafka.rd_kafka_topic_partition_list_new(positions.Count));
        foreach (var position in positions)
        {
            var element = Librdkafka.rd_kafka_topic_partition_list_add(list.Pointer, position.Topic, position.Partition);
            element->Offset = position.Offset;
            element->Metadata = Allocate(position.Metadata, out element->MetadataSize);
        }

        return list;
    }

    /// <summary>Topics without partitions, as a subscription names them.</summary>
    public static PartitionList OfTopics(IReadOnlyCollection<string> topics)
    {
        const int AnyPartition = -1;
        var list = new PartitionList(Librdkafka.rd_kafka_topic_partition_list_new(topics.Count));
        foreach (var topic in topics)
            Librdkafka.rd_kafka_topic_partition_list_add(list.Pointer, topic, AnyPartition);
        return list;
    }

    public static ReadOnlySpan<NativeTopicPartition> ElementsOf(NativeTopicPartitionList* list) =>
        list is null ? default : new(list->Elements, list->Count);

    public static TopicPartition PartitionOf(in NativeTopicPartition element) =>
        new(Marshal.PtrToStringUTF8((nint)element.Topic) ?? "", element.Partition);

    /// <summary>Copies a borrowed list, as rebalance handlers get one.</summary>
    public static TopicPartition[] Copy(NativeTopicPartitionList* list)
    {
        var elements = ElementsOf(list);
        var partitions = new TopicPartition[elements.Length];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = PartitionOf(elements[i]);
        return partitions;
    }

    public static string MetadataOf(in NativeTopicPartition element) =>
        element.Metadata is null ? "" : Encoding.UTF8.GetString(element.Metadata, (int)element.MetadataSize);

    public void Dispose() => Librdkafka.rd_kafka_topic_partition_list_destroy(Pointer);

    /// <summary>The list's destroy frees this memory with libc's <c>free</c>, whose <c>malloc</c> is <see cref="NativeMemory.Alloc(nuint)"/>.</summary>
    private static byte* Allocate(string text, out nuint size)
    {
        size = 0;
        if (text.Length == 0)
            return null;

        var length = Encoding.UTF8.GetByteCount(text);
        var memory = (byte*)NativeMemory.Alloc((nuint)length);
        size = (nuint)Encoding.UTF8.GetBytes(text, new Span<byte>(memory, length));
        return memory;
    }
}
