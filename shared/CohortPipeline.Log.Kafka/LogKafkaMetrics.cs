using System.Diagnostics.Metrics;

namespace CohortPipeline.Log.Kafka;

/// <summary>The instruments of this library.</summary>
internal static class LogKafkaMetrics
{
    private const string TopicTag = "messaging.destination.name";
    private const string GroupTag = "messaging.consumer.group.name";
    private const string SystemTag = "messaging.system";
    private const string System = "kafka";

    private static readonly Meter Meter = new("CohortPipeline.Log.Kafka");

    private static readonly Counter<long> SentRecords = Meter.CreateCounter<long>(
        "messaging.client.sent.messages", "{message}", "Records handed to the client for a topic");

    private static readonly Counter<long> ConsumedRecords = Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Records that polls brought to a group");

    private static readonly Counter<long> Transactions = Meter.CreateCounter<long>(
        "cohort.log.transactions", "{transaction}", "Transactions ended, by outcome");

    private static readonly Counter<long> Rebalances = Meter.CreateCounter<long>(
        "cohort.log.rebalances", "{partition}", "Partitions assigned, revoked and lost");

    private static readonly string[] OutcomeNames = [.. Enum.GetNames<CommitOutcome>().Select(name => name.ToLowerInvariant())];

    public static void Sent(string topic, int records)
    {
        if (records > 0 && SentRecords.Enabled)
            SentRecords.Add(records, new(SystemTag, System), new(TopicTag, topic));
    }

    public static void Consumed(string group, int records)
    {
        if (records > 0 && ConsumedRecords.Enabled)
            ConsumedRecords.Add(records, new(SystemTag, System), new(GroupTag, group));
    }

    public static void Ended(CommitOutcome outcome) => Transactions.Add(1, new KeyValuePair<string, object?>("outcome", OutcomeNames[(int)outcome]));

    public static void Rebalanced(string group, string change, int partitions) => Rebalances.Add(partitions, new(GroupTag, group), new("change", change));
}
