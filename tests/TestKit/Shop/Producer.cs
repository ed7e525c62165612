using System.Text;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Shop;

/// <summary>Publishes records as a producer does, in one transaction a call.</summary>
public sealed class Producer(ILog log, string transactionalId)
{
    public void Publish(IEnumerable<ProducedRecord> records)
    {
        using var writer = log.OpenWriter(transactionalId);
        var topics = new Dictionary<string, OutputTopic>();
        foreach (var record in records)
        {
            if (!topics.TryGetValue(record.Topic, out var topic))
                topics[record.Topic] = topic = writer.Topic(record.Topic);
            var key = record.Key is null ? null : Encoding.UTF8.GetBytes(record.Key);
            var beside = new RecordHeaders { Timestamp = record.Time };
            if (record.TraceParent is not null)
                beside.Add("traceparent", record.TraceParent);
            writer.Append(topic, key is null ? 0 : topic.PartitionOf(key), key, Encoding.UTF8.GetBytes(record.Value), beside);
        }

        if (writer.InTransaction && writer.Commit(null, []) is var outcome && outcome != CommitOutcome.Committed)
            throw new InvalidOperationException($"the producer's transaction ended as {outcome}");
    }
}
