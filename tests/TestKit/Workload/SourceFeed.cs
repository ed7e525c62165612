using System.Text;
using System.Text.Unicode;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Workload;

/// <summary>Writes the workload's events as a producer would, in the plain shape, or in Amplitude's where properties of the user come with them; an event's stamp goes with it as its device, as <see cref="ActivityFeed.StampOf"/> reads it.</summary>
public sealed class SourceFeed : IDisposable
{
    private const int RecordsPerCommit = 10_000;
    private const int ValueBytesMax = 2048;

    private readonly ShopEvents _events;
    private readonly ILogWriter _writer;
    private readonly OutputTopic _topic;
    private readonly byte[] _value = new byte[ValueBytesMax];

    public SourceFeed(ILog log, string topicName, ShopEvents events)
    {
        _events = events;
        _writer = log.OpenWriter("bench.source");
        _topic = _writer.Topic(topicName);
    }

    /// <summary>Writes so many events; answers how many bytes the values have on average.</summary>
    public static double Publish(ILog log, string topicName, ShopEvents events, long count)
    {
        using var feed = new SourceFeed(log, topicName, events);
        var bytes = 0L;
        for (var number = 0L; number < count;)
        {
            bytes += feed.Event(number);
            if (++number % RecordsPerCommit == 0 || number == count)
                feed.Commit();
        }

        return (double)bytes / count;
    }

    /// <summary>Appends the next event; answers how many bytes its value has.</summary>
    public int Event(long stamp)
    {
        _events.Next();
        int length;
        if (_events.UserProperties.IsEmpty)
            Utf8.TryWrite(_value, $$"""{"event":"{{_events.Event}}","user_id":"{{Text(_events.UserId)}}","device_id":"d-{{stamp:x16}}","time":{{_events.Time}},"insert_id":"{{Text(_events.InsertId)}}","properties":{{Text(_events.Properties)}}}""", out length);
        else
            Utf8.TryWrite(_value, $$"""{"event_type":"{{_events.Event}}","user_id":"{{Text(_events.UserId)}}","device_id":"d-{{stamp:x16}}","time":{{_events.Time}},"insert_id":"{{Text(_events.InsertId)}}","event_properties":{{Text(_events.Properties)}},"user_properties":{{Text(_events.UserProperties)}}}""", out length);
        _writer.Append(_topic, _topic.PartitionOf(_events.UserId), Bytes.From(_events.UserId), _value.AsSpan(0, length));
        return length;
    }

    /// <summary>Ends the transaction, which makes what was appended visible.</summary>
    public void Commit()
    {
        if (_writer.InTransaction && _writer.Commit(null, []) != CommitOutcome.Committed)
            throw new InvalidOperationException("a commit of the feed failed");
    }

    public void Dispose() => _writer.Dispose();

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
