using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary><c>events</c>: the events of <c>activity</c>, and its identify calls where they are asked for; each once, so not what was moved.</summary>
public sealed class EventComposer : RecordComposer
{
    /// <summary>What ingest lets pass (<c>docs/spec/inputs.md</c> §2).</summary>
    private const int TypeBytesMax = 1_024;

    private readonly ActivityReader _reader = new();
    private readonly EventPayload _payload = new();
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>>? _types;

    public EventComposer(KinesisDestination destination, ComposerSeams seams)
        : base(destination, seams)
    {
        if (destination.Events is { } types)
            _types = new HashSet<string>(types, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override void Take(RecordBatch batch, int index, PartitionProgress progress, long now)
    {
        ref readonly var record = ref batch.Records[index];
        var sequence = progress.Take(record.Offset, batch.TimestampOf(index), now);
        if (!_reader.TryRead(record.Value, out var activity, out var error))
            GiveUp(progress, sequence, RecordCopy.Of(batch, index), DeadLetterReason.BadActivity, error);
        else if (!IsWanted(activity))
            progress.Filter(sequence);
        else
            Compose(batch, index, activity, progress, sequence);
    }

    private void Compose(RecordBatch batch, int index, in ActivityRecord activity, PartitionProgress progress, long sequence)
    {
        var profileKey = batch.Records[index].Key;
        if (!TryKey(Identifiers is null ? default : Identifiers.Of(activity, profileKey), profileKey, out var key))
        {
            GiveUpWithoutIdentifier(progress, sequence, RecordCopy.Of(batch, index));
            return;
        }

        var trace = TraceOf(batch, index);
        _payload.Write(Payload.Start(), activity, profileKey, TraceParent(trace));
        if (!TryEmit(key, profileKey, progress, [sequence], trace, activity.Timestamp))
            GiveUpTooLarge(progress, sequence, RecordCopy.Of(batch, index), Payload.Written.Length + key.Length);
    }

    private bool IsWanted(in ActivityRecord activity)
    {
        if (activity.Moved is not null)
            return false;
        return activity.Type switch
        {
            ActivityType.Event => IsWantedType(activity.Event),
            ActivityType.Identify => Destination.Identifies,
            _ => false,
        };
    }

    private bool IsWantedType(ReadOnlySpan<byte> type)
    {
        if (_types is not { } types)
            return true;
        Span<char> text = stackalloc char[TypeBytesMax];
        return type.Length <= TypeBytesMax && types.Contains(text[..Encoding.UTF8.GetChars(type, text)]);
    }
}
