using Confluent.Kafka;

namespace CohortPipeline.TestKit.Kafka;

/// <summary>Which member of a group has which partition, as the broker sees it.</summary>
public static class GroupOwners
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>The members' client ids by partition.</summary>
    public static async Task<IReadOnlyDictionary<int, string>> OfAsync(string servers, string group)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        var answer = await admin.DescribeConsumerGroupsAsync([group], new() { RequestTimeout = CallTimeout }).ConfigureAwait(false);
        return answer.ConsumerGroupDescriptions.Single().Members
            .SelectMany(member => member.Assignment.TopicPartitions.Select(partition => (partition.Partition.Value, member.ClientId)))
            .ToDictionary();
    }
}
