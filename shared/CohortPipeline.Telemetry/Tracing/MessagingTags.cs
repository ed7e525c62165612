namespace CohortPipeline.Telemetry;

/// <summary>Attribute names of the OpenTelemetry messaging conventions 1.44, and the values we give them. No user id is ever a tag.</summary>
public static class MessagingTags
{
    public const string System = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string DestinationName = "messaging.destination.name";
    public const string DestinationPartition = "messaging.destination.partition.id";
    public const string ConsumerGroup = "messaging.consumer.group.name";
    public const string Offset = "messaging.kafka.offset";
    public const string BatchCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";

    public const string Kafka = "kafka";

    public const string Send = "send";
    public const string Poll = "poll";
    public const string Process = "process";
    public const string Commit = "commit";
}
