using CohortPipeline.Hosting;
using CohortPipeline.Log;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Publishes the shop's records when they fall due, as its apps would.</summary>
internal sealed class ShopPublisher(ILog log, PipelineOptions options, IReadOnlyList<ShopRecord> records, TimeProvider time)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    public int Published { get; private set; }

    public async Task RunAsync(DateTimeOffset opening, CancellationToken cancellation)
    {
        using var writer = log.OpenWriter(options.Topics().Named("demo-shop"));
        var (events, identifies) = (writer.Topic(options.EventTopics[0]), writer.Topic(options.IdentifyTopics[0]));
        while (Published < records.Count)
        {
            PublishDue(writer, events, identifies, time.GetUtcNow() - opening);
            await Task.Delay(Beat, time, cancellation);
        }
    }

    private void PublishDue(ILogWriter writer, OutputTopic events, OutputTopic identifies, TimeSpan now)
    {
        var next = Published;
        while (next < records.Count && records[next].Due <= now)
        {
            var record = records[next++];
            var topic = record.Topic == ShopTopic.Events ? events : identifies;
            writer.Append(topic, topic.PartitionOf(record.Key), record.Key, record.Value);
        }

        if (next == Published)
            return;
        var outcome = writer.Commit(null, []);
        if (outcome != CommitOutcome.Committed)
            throw new InvalidOperationException($"the shop's records were not published: the commit ended as {outcome}");
        Published = next;
    }
}
