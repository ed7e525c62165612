using System.Diagnostics;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What a composer works with beside the definition: the world outside, as arguments.</summary>
/// <param name="Emit">Takes composed records, in order.</param>
/// <param name="RandomKey">A random partition key.</param>
/// <param name="Now">The wall clock, for dead letters alone.</param>
public sealed record ComposerSeams(Action<OutboundRecord> Emit, Func<string> RandomKey, Func<DateTimeOffset> Now);

/// <summary>
/// Turns the records of a topic into records for a stream, in order: filters, composes, gives up what can never be sent. Does
/// no I/O and reads no clock.
/// </summary>
/// <remarks>One thread uses it.</remarks>
public abstract class RecordComposer : IDisposable
{
    private const string Service = "kinesis-sink";

    private readonly ComposerSeams _seams;

    private protected RecordComposer(KinesisDestination destination, ComposerSeams seams)
    {
        _seams = seams;
        Destination = destination;
        Identifiers = destination.IdentifierField is { } field ? new(field) : null;
    }

    /// <summary>Bytes held here, waiting for more.</summary>
    public virtual long HeldBytes => 0;

    /// <summary>When <see cref="Tick"/> has something to do, in the caller's milliseconds; null for never.</summary>
    public virtual long? NextDue => null;

    private protected KinesisDestination Destination { get; }

    private protected PayloadWriter Payload { get; } = new();

    /// <summary>Null with random partition keys.</summary>
    private protected Identifiers? Identifiers { get; }

    /// <summary>Takes a record: from here on it is <paramref name="progress"/>'s to settle.</summary>
    public abstract void Take(RecordBatch batch, int index, PartitionProgress progress, long now);

    /// <summary>Emits what has waited long enough.</summary>
    public virtual void Tick(long now)
    {
    }

    /// <summary>Forgets what waits of a partition that has gone.</summary>
    public virtual void Drop(PartitionProgress progress)
    {
    }

    public void Dispose()
    {
        Payload.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The trace context that the payload carries; empty where it carries none.</summary>
    private protected ReadOnlySpan<byte> TraceParent(in ActivityContext trace)
    {
        if (Destination.TraceContext == TraceContextMode.Off || trace == default)
            return default;
        var text = new byte[TraceContext.TraceParentLength];
        TraceContext.Write(trace, text);
        return text;
    }

    private protected static ActivityContext TraceOf(RecordBatch batch, int index) =>
        TraceContext.TryRead(batch, index, out var trace) ? trace : default;

    /// <summary>
    /// The partition key and whether it is an identifier, which orders; false where the user has none and the definition
    /// wants no other.
    /// </summary>
    private protected bool TryKey(ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> profileKey, out string key)
    {
        key = "";
        if (Identifiers is null)
            key = _seams.RandomKey();
        else if (!identifier.IsEmpty)
            key = PartitionKeys.Of(identifier);
        else if (Destination.MissingIdentifier == MissingIdentifier.ProfileKey)
            key = PartitionKeys.Of(profileKey);
        return key.Length > 0;
    }

    private protected string RandomKey() => _seams.RandomKey();

    /// <summary>Emits a record of one user; false if it is too large, and nothing is emitted.</summary>
    private protected bool TryEmit(string key, ReadOnlySpan<byte> profileKey, PartitionProgress progress, IReadOnlyList<long> sequences, in ActivityContext trace, long happenedAt)
    {
        var keyBytes = Encoding.UTF8.GetByteCount(key);
        var data = Payload.Written;
        if (data.Length + keyBytes > Destination.Limits.RecordBytesMax)
            return false;
        var user = OrderKey.OfUser(profileKey);
        ulong[] orderKeys = Identifiers is null ? [user] : [OrderKey.OfPartitionKey(Encoding.UTF8.GetBytes(key)), user];
        Emit(new(data.ToArray(), key, keyBytes, orderKeys, progress, sequences) { Traces = trace == default ? null : [trace], HappenedAt = happenedAt });
        return true;
    }

    private protected void Emit(OutboundRecord record) => _seams.Emit(record);

    private protected void GiveUp(PartitionProgress progress, long sequence, RecordCopy record, DeadLetterReason reason, string detail) =>
        progress.GiveUp(sequence, PendingDeadLetter.Of(record, reason, $"{Destination.Id}: {detail}", Service, _seams.Now()));

    private protected void GiveUpTooLarge(PartitionProgress progress, long sequence, RecordCopy record, int bytes) =>
        GiveUp(progress, sequence, record, DeadLetterReason.SinkTooLarge, $"the record would have {bytes} bytes with its key, the stream takes {Destination.Limits.RecordBytesMax}");

    private protected void GiveUpWithoutIdentifier(PartitionProgress progress, long sequence, RecordCopy record) =>
        GiveUp(progress, sequence, record, DeadLetterReason.SinkNoIdentifier, $"the user has no `{Destination.IdentifierField}` that can be a partition key");
}
