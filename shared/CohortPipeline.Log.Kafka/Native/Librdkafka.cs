using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Native;

/// <summary>
/// The calls of librdkafka 2.16 that this log uses, under their own names (<c>rdkafka.h</c>). Handles and opaque pointers
/// are <see cref="nint"/>; texts are UTF-8.
/// </summary>
internal static unsafe partial class Librdkafka
{
    public const string Library = "librdkafka";

    static Librdkafka() => LibrdkafkaLoader.Register();

    // Configuration and handles.

    [LibraryImport(Library)]
    public static partial nint rd_kafka_conf_new();

    [LibraryImport(Library)]
    public static partial void rd_kafka_conf_destroy(nint conf);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rd_kafka_conf_set(nint conf, string name, string value, byte* errorText, nuint errorTextSize);

    [LibraryImport(Library)]
    public static partial void rd_kafka_conf_set_opaque(nint conf, nint opaque);

    [LibraryImport(Library)]
    public static partial void rd_kafka_conf_set_log_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Library)]
    public static partial void rd_kafka_conf_set_error_cb(nint conf, delegate* unmanaged[Cdecl]<nint, ErrorCode, byte*, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void rd_kafka_conf_set_rebalance_cb(nint conf, delegate* unmanaged[Cdecl]<nint, ErrorCode, NativeTopicPartitionList*, nint, void> callback);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_new(int type, nint conf, byte* errorText, nuint errorTextSize);

    [LibraryImport(Library)]
    public static partial void rd_kafka_destroy_flags(nint rk, int flags);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_opaque(nint rk);

    [LibraryImport(Library)]
    public static partial int rd_kafka_poll(nint rk, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_fatal_error(nint rk, byte* errorText, nuint errorTextSize);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_metadata(nint rk, int allTopics, nint onlyTopic, NativeMetadata** metadata, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial void rd_kafka_metadata_destroy(NativeMetadata* metadata);

    // Errors.

    [LibraryImport(Library)]
    public static partial byte* rd_kafka_err2str(ErrorCode code);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_error_code(nint error);

    [LibraryImport(Library)]
    public static partial byte* rd_kafka_error_string(nint error);

    [LibraryImport(Library)]
    public static partial int rd_kafka_error_is_fatal(nint error);

    [LibraryImport(Library)]
    public static partial int rd_kafka_error_is_retriable(nint error);

    [LibraryImport(Library)]
    public static partial int rd_kafka_error_txn_requires_abort(nint error);

    [LibraryImport(Library)]
    public static partial void rd_kafka_error_destroy(nint error);

    // Lists of partitions.

    [LibraryImport(Library)]
    public static partial NativeTopicPartitionList* rd_kafka_topic_partition_list_new(int size);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial NativeTopicPartition* rd_kafka_topic_partition_list_add(NativeTopicPartitionList* list, string topic, int partition);

    [LibraryImport(Library)]
    public static partial void rd_kafka_topic_partition_list_destroy(NativeTopicPartitionList* list);

    // Reading. The batch call runs managed handlers, so it must not suppress the transition; leaf calls that touch one
    // message and cannot block do.

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_poll_set_consumer(nint rk);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_queue_get_consumer(nint rk);

    [LibraryImport(Library)]
    public static partial void rd_kafka_queue_destroy(nint queue);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_consume_batch_queue(nint queue, int timeoutMilliseconds, NativeMessage** messages, nuint messagesMax);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial void rd_kafka_message_destroy(NativeMessage* message);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial byte* rd_kafka_topic_name(nint topic);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long rd_kafka_message_timestamp(NativeMessage* message, int* timestampType);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_message_headers(NativeMessage* message, nint* headers);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial nuint rd_kafka_header_cnt(nint headers);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial ErrorCode rd_kafka_header_get_all(nint headers, nuint index, byte** name, byte** value, nuint* size);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_subscribe(nint rk, NativeTopicPartitionList* topics);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_assign(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_incremental_assign(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_incremental_unassign(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial int rd_kafka_assignment_lost(nint rk);

    [LibraryImport(Library)]
    public static partial byte* rd_kafka_rebalance_protocol(nint rk);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_seek_partitions(nint rk, NativeTopicPartitionList* partitions, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_pause_partitions(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_resume_partitions(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_position(nint rk, NativeTopicPartitionList* partitions);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_committed(nint rk, NativeTopicPartitionList* partitions, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_commit(nint rk, NativeTopicPartitionList* offsets, int isAsynchronous);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_consumer_close(nint rk);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_consumer_group_metadata(nint rk);

    [LibraryImport(Library)]
    public static partial int rd_kafka_consumer_group_metadata_generation_id(nint metadata);

    [LibraryImport(Library)]
    public static partial void rd_kafka_consumer_group_metadata_destroy(nint metadata);

    // Writing.

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint rd_kafka_topic_new(nint rk, string topic, nint conf);

    [LibraryImport(Library)]
    public static partial void rd_kafka_topic_destroy(nint topic);

    [LibraryImport(Library)]
    public static partial int rd_kafka_produce_batch(nint topic, int partition, int flags, NativeMessage* messages, int messageCount);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_produceva(nint rk, NativeProduceArgument* arguments, nuint count);

    [LibraryImport(Library)]
    public static partial int rd_kafka_outq_len(nint rk);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_purge(nint rk, int flags);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_init_transactions(nint rk, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_begin_transaction(nint rk);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_send_offsets_to_transaction(nint rk, NativeTopicPartitionList* offsets, nint groupMetadata, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_commit_transaction(nint rk, int timeoutMilliseconds);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_abort_transaction(nint rk, int timeoutMilliseconds);
}
