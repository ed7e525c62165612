using System.Diagnostics;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>What a composer works with beside the definition: the world outside, as arguments.</summary>
/// <param name="Rent">A record to fill.</param>
/// <param name="Emit">Takes composed records, in order.</param>
/// <param name="RandomKey">Writes a random partition key of <see cref="PartitionKeys.RandomLength"/>.</param>
/// <param name="Now">The wall clock, for dead letters alone.</param>
public sealed record ComposerSeams(Func<OutboundRecord> Rent, Action<OutboundRecord> Emit, Action<Span<byte>> RandomKey, Func<DateTimeOffset> Now);

/// <summary>
/// Turns the records of a topic into records for a stream, in order: filters, composes, gives up what can never be sent. Does
/// no I/O and reads no clock.
/// </summary>
/// <remarks>One thread uses it.</remarks>
public abstract class RecordComposer : IDisposable
{
    private const string Service = "kinesis-sink";

    private readonly ComposerSeams _seams;
    private readonly byte[] _key = new byte[PartitionKeys.BytesMax];
    private readonly byte[] _traceParent = new byte[TraceContext.TraceParentLength];

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

    /// <summary>What it has of this partition goes only with records that are still to come.</summary>
    public virtual bool IsWaitingFor(PartitionProgress progress) => false;

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

    public virtual void Dispose()
    {
        Payload.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The trace context that the payload carries, borrowed until the next; empty where it carries none.</summary>
    private protected ReadOnlySpan<byte> TraceParent(in ActivityContext trace)
    {
        if (Destination.TraceContext == TraceContextMode.Off || trace == default)
            return default;
        TraceContext.Write(trace, _traceParent);
        return _traceParent;
    }

    private protected static ActivityContext TraceOf(RecordBatch batch, int index) =>
        TraceContext.TryRead(batch, index, out var trace) ? trace : default;

    /// <summary>
    /// The partition key and whether it is an identifier, which orders; false where the user has none and the definition
    /// wants no other.
    /// </summary>
    private protected bool TryKey(ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> profileKey, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (Identifiers is null)
            key = RandomKey();
        else if (!identifier.IsEmpty)
            key = _key.AsSpan(0, PartitionKeys.Write(identifier, _key));
        else if (Destination.MissingIdentifier == MissingIdentifier.ProfileKey)
            key = _key.AsSpan(0, PartitionKeys.Write(profileKey, _key));
        return !key.IsEmpty;
    }

    /// <summary>Borrowed until the next key.</summary>
    private protected ReadOnlySpan<byte> RandomKey()
    {
        var key = _key.AsSpan(0, PartitionKeys.RandomLength);
        _seams.RandomKey(key);
        return key;
    }

    /// <summary>Emits a record of one user; false if it is too large, and nothing is emitted.</summary>
    private protected bool TryEmit(ReadOnlySpan<byte> key, ReadOnlySpan<byte> profileKey, PartitionProgress progress, ReadOnlySpan<long> sequences, in ActivityContext trace, long happenedAt)
    {
        var data = Payload.Written;
        if (data.Length + key.Length > Destination.Limits.RecordBytesMax)
            return false;
        var record = Rent();
        record.Fill(progress, key, data, happenedAt);
        if (Identifiers is not null)
            record.OrderBy(OrderKey.OfPartitionKey(key));
        record.OrderBy(OrderKey.OfUser(profileKey));
        foreach (var sequence in sequences)
            record.StandFor(sequence);
        record.Follow(trace);
        Emit(record);
        return true;
    }

    private protected OutboundRecord Rent() => _seams.Rent();

    private protected void Emit(OutboundRecord record) => _seams.Emit(record);

    private protected void GiveUp(PartitionProgress progress, long sequence, RecordCopy record, DeadLetterReason reason, string detail) =>
        progress.GiveUp(sequence, PendingDeadLetter.Of(record, reason, $"{Destination.Id}: {detail}", Service, _seams.Now()));

    private protected void GiveUpTooLarge(PartitionProgress progress, long sequence, RecordCopy record, int bytes) =>
        GiveUp(progress, sequence, record, DeadLetterReason.SinkTooLarge, $"the record would have {bytes} bytes with its key, the stream takes {Destination.Limits.RecordBytesMax}");

    private protected void GiveUpWithoutIdentifier(PartitionProgress progress, long sequence, RecordCopy record) =>
        GiveUp(progress, sequence, record, DeadLetterReason.SinkNoIdentifier, $"the user has no `{Destination.IdentifierField}` that can be a partition key");
}
