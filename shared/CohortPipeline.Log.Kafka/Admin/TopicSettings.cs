using System.Globalization;
using CohortPipeline.Contracts;
using Confluent.Kafka.Admin;

namespace CohortPipeline.Log.Kafka.Admin;

/// <summary>A topic's specification in Kafka's own settings, there and back.</summary>
internal static class TopicSettings
{
    public const string CleanupPolicy = "cleanup.policy";

    private const string RetentionMilliseconds = "retention.ms";
    private const string Compact = "compact";
    private const string Delete = "delete";
    private const string Forever = "-1";
    private const short BrokersDefault = -1;

    public static TopicSpecification SpecificationOf(TopicSpec topic)
    {
        var settings = new Dictionary<string, string>
        {
            [CleanupPolicy] = topic.Cleanup == TopicCleanup.Compact ? Compact : Delete,
            ["max.message.bytes"] = Text(topic.RecordBytesMax + ClientProperties.RecordFrameBytes),
        };
        if (topic.Cleanup == TopicCleanup.Delete)
            settings[RetentionMilliseconds] = topic.Retention is { } retention ? Text((long)retention.TotalMilliseconds) : Forever;
        if (topic.MinCompactionLag is { } lag)
            settings["min.compaction.lag.ms"] = Text((long)lag.TotalMilliseconds);
        if (topic.MaxCompactionLag is { } longest)
            settings["max.compaction.lag.ms"] = Text((long)longest.TotalMilliseconds);

        return new() { Name = topic.Name, NumPartitions = topic.PartitionCount, ReplicationFactor = BrokersDefault, Configs = settings };
    }

    /// <summary>A topic that compacts and deletes by age as well counts as one that deletes: its keys do not stay.</summary>
    public static Log.TopicDescription Describe(string topic, int partitionCount, IReadOnlyDictionary<string, ConfigEntryResult> settings)
    {
        var isCompacted = settings[CleanupPolicy].Value == Compact;
        var retention = long.Parse(settings[RetentionMilliseconds].Value, CultureInfo.InvariantCulture);
        return new(
            topic,
            partitionCount,
            isCompacted ? TopicCleanup.Compact : TopicCleanup.Delete,
            isCompacted || retention < 0 ? null : TimeSpan.FromMilliseconds(retention));
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
