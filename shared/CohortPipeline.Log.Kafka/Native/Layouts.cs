using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Native;

/// <summary><c>rd_kafka_message_t</c>: a record, or (<see cref="Error"/> not zero) something about a partition or the client.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMessage
{
    public ErrorCode Error;
    public nint Topic;
    public int Partition;
    public byte* Payload;
    public nuint Length;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    public nint Private;
}

/// <summary><c>rd_kafka_topic_partition_t</c>. <see cref="Metadata"/> is freed with the list, by libc's <c>free</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTopicPartition
{
    public byte* Topic;
    public int Partition;
    public long Offset;
    public byte* Metadata;
    public nuint MetadataSize;
    public nint Opaque;
    public ErrorCode Error;
    public nint Private;
}

/// <summary><c>rd_kafka_topic_partition_list_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTopicPartitionList
{
    public int Count;
    public int Size;
    public NativeTopicPartition* Elements;
}

/// <summary><c>rd_kafka_metadata_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadata
{
    public int BrokerCount;
    public nint Brokers;
    public int TopicCount;
    public NativeMetadataTopic* Topics;
    public int OriginBrokerId;
    public byte* OriginBrokerName;
}

/// <summary><c>rd_kafka_metadata_topic_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadataTopic
{
    public byte* Topic;
    public int PartitionCount;
    public nint Partitions;
    public ErrorCode Error;
}

/// <summary><c>rd_kafka_vu_t</c>: one argument of <c>rd_kafka_produceva</c>, 72 bytes; which member counts depends on <see cref="Type"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct NativeProduceArgument
{
    [FieldOffset(0)]
    public ProduceArgumentType Type;

    [FieldOffset(8)]
    public nint Handle;

    [FieldOffset(8)]
    public int Integer;

    [FieldOffset(8)]
    public long Instant;

    /// <summary>A key's or value's bytes, or a header's name.</summary>
    [FieldOffset(8)]
    public byte* Pointer;

    [FieldOffset(16)]
    public nuint Length;

    [FieldOffset(16)]
    public byte* HeaderValue;

    [FieldOffset(24)]
    public nint HeaderValueLength;
}

/// <summary><c>rd_kafka_vtype_t</c>, as far as used.</summary>
internal enum ProduceArgumentType
{
    Topic = 2,
    Partition = 3,
    Value = 4,
    Key = 5,
    Flags = 7,
    Timestamp = 8,
    Header = 9,
}

/// <summary>Flags of a produced message.</summary>
internal static class ProduceFlags
{
    /// <summary>librdkafka copies the bytes before the call returns.</summary>
    public const int Copy = 2;

    /// <summary>Each message of a batch names its own partition; without it the key decides.</summary>
    public const int Partition = 8;
}

/// <summary>What <c>rd_kafka_purge</c> drops.</summary>
internal static class PurgeFlags
{
    /// <summary>Messages that have not been sent.</summary>
    public const int Queue = 1;
}
