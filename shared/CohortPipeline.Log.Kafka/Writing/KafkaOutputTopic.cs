using CohortPipeline.Log.Kafka.Native;

namespace CohortPipeline.Log.Kafka.Writing;

/// <summary>A topic as one writer holds it: librdkafka's handle and the records staged for it.</summary>
internal sealed class KafkaOutputTopic(string name, int partitionCount, nint handle) : OutputTopic(name, partitionCount), IDisposable
{
    public nint Handle { get; } = handle;

    public StagedRecords Staged { get; } = new();

    public void Dispose()
    {
        Staged.Dispose();
        Librdkafka.rd_kafka_topic_destroy(Handle);
    }
}
