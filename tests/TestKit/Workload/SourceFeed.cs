using System.Text.Unicode;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Workload;

/// <summary>Writes the workload's events as a producer would, in the plain shape.</summary>
public static class SourceFeed
{
    private const int RecordsPerCommit = 10_000;
    private const int ValueBytesMax = 2048;

    /// <summary>Answers how many bytes the values have on average.</summary>
    public static double Publish(ILog log, string topicName, ShopEvents events, long count)
    {
        using var writer = log.OpenWriter("bench.source");
        var topic = writer.Topic(topicName);
        var value = new byte[ValueBytesMax];
        var bytes = 0L;
        for (var number = 0L; number < count;)
        {
            events.Next();
            Utf8.TryWrite(value, $$"""{"event":"{{events.Event}}","user_id":"{{Text(events.UserId)}}","device_id":"d-{{number:x16}}","time":{{events.Time}},"insert_id":"{{Text(events.InsertId)}}","properties":{{Text(events.Properties)}}}""", out var length);
            writer.Append(topic, topic.PartitionOf(events.UserId), Bytes.From(events.UserId), value.AsSpan(0, length));
            bytes += length;
            if ((++number % RecordsPerCommit == 0 || number == count) && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("a commit of the feed failed");
        }

        return (double)bytes / count;
    }

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}
