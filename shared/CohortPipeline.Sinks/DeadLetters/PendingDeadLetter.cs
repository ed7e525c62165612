using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// A record that a destination can never take, as it came, with the headers that say why. It is kept until the position that
/// passes it is committed, and written with it.
/// </summary>
public sealed class PendingDeadLetter
{
    private const int OverheadBytes = 1024;

    private readonly RecordCopy _record;
    private readonly int _writtenBytes;

    private PendingDeadLetter(RecordCopy record, int writtenBytes)
    {
        _record = record;
        _writtenBytes = writtenBytes;
    }

    /// <summary>What it adds to the memory held.</summary>
    public int HeldBytes => (_record.Key?.Length ?? 0) + (_record.Value?.Length ?? 0) + OverheadBytes;

    /// <param name="record">The copy becomes the dead letter's own.</param>
    /// <param name="reason">One of the closed list.</param>
    /// <param name="detail">What was found and what was expected, for a person.</param>
    /// <param name="service">Who gives it up.</param>
    /// <param name="at">When.</param>
    public static PendingDeadLetter Of(RecordCopy record, DeadLetterReason reason, string detail, string service, DateTimeOffset at)
    {
        DeadLetter.Explain(record.Headers, reason, detail, record.Position, service, at);
        return new(record, DeadLetter.Fit(record.Value, reason, record.Headers).Length);
    }

    /// <summary>Appends it to the topic of dead letters, in the partition of its key.</summary>
    public void Append(ILogWriter writer, OutputTopic topic)
    {
        var value = _record.Value is null ? Bytes.Null : Bytes.From(_record.Value.AsSpan(0, _writtenBytes));
        writer.Append(topic, topic.PartitionOf(_record.Key), _record.Key, value, _record.Headers);
    }
}
