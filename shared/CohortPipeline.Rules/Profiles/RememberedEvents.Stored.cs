using CohortPipeline.Contracts;
using CohortPipeline.Rules.Behaviors.Memories;

namespace CohortPipeline.Rules.Profiles;

/// <content>
/// Stored: how many events and what there is beside them, as one number; the oldest time; what else there is of the next flip
/// and of folded totals; then with their length the times behind the oldest, each from the one before it, the hashes if any
/// event has one, and the values if the behavior has them.
/// </content>
public sealed partial class RememberedEvents
{
    private const ulong FlipMask = 3;
    private const ulong HashesFlag = 4;
    private const ulong ExtrasFlag = 8;
    private const int FlagBits = 4;

    private const byte ApproximateFlag = 1;
    private const byte FoldedFlag = 2;
    private const int ValueShift = 2;

    private ReadOnlyMemory<byte> _stored;
    private StoredPart _storedEvents;
    private bool _hasStoredHashes;

    /// <summary>Reads all but the events, which are left in <paramref name="memory"/>, where the reader reads.</summary>
    internal void ReadStored(int slot, ref ByteReader reader, byte[] memory, long firstSeenAt)
    {
        var start = reader.Position;
        Slot = slot;
        var head = reader.Varint();
        var extras = (head & ExtrasFlag) != 0 ? reader.Byte() : (byte)0;
        Count = (int)(head >> FlagBits);
        Value = (RememberedValue)(extras >> ValueShift);
        _isApproximate = (extras & ApproximateFlag) != 0;
        _hasStoredHashes = (head & HashesFlag) != 0;
        if (Count > 0)
            _times[0] = firstSeenAt + reader.Signed();
        var kind = (FlipKind)(head & FlipMask);
        _flip = kind == FlipKind.AtInstant ? new(kind, Oldest + reader.Signed()) : new(kind);
        _folded = (extras & FoldedFlag) == 0 ? default : new((long)reader.Varint(), reader.Signed128(), reader.Signed128(), reader.Signed128());
        var length = reader.Bytes().Length;
        _storedEvents = StoredPart.Of(memory.AsMemory(reader.Position - length, length));
        _stored = memory.AsMemory(start, reader.Position - start);
        HasChanged = false;
        BeginStep(isFlipDue: false);
    }

    internal void WriteStored(ByteWriter writer, long firstSeenAt)
    {
        if (!HasChanged)
        {
            writer.Raw(_stored.Span);
            return;
        }

        ReadEvents();
        var hasHashes = Hashes.ContainsAnyExcept(NoInsertId);
        var extras = (byte)(((int)Value << ValueShift) | (_folded.Count > 0 ? FoldedFlag : 0) | (IsApproximate ? ApproximateFlag : 0));
        writer.Varint(((ulong)Count << FlagBits) | (ulong)_flip.Kind | (hasHashes ? HashesFlag : 0) | (extras == 0 ? 0 : ExtrasFlag));
        if (extras != 0)
            writer.Byte(extras);
        if (Count > 0)
            writer.Signed(Oldest - firstSeenAt);
        if (_flip.Kind == FlipKind.AtInstant)
            writer.Signed(_flip.Instant - Oldest);
        if (_folded.Count > 0)
        {
            writer.Varint((ulong)_folded.Count);
            writer.Signed128(_folded.Sum);
            writer.Signed128(_folded.Least);
            writer.Signed128(_folded.Greatest);
        }

        var begun = writer.BeginBytes();
        for (var i = 1; i < Count; i++)
            writer.Varint((ulong)(_times[i] - _times[i - 1]));
        if (hasHashes)
        {
            foreach (var hash in Hashes)
                writer.UInt32(hash);
        }

        foreach (var value in Values)
            WriteValue(writer, value);
        writer.EndBytes(begun);
    }

    private void ForgetStored()
    {
        _storedEvents = default;
        _stored = default;
    }

    private void ReadEvents()
    {
        if (!_storedEvents.TakeUnread(out var reader))
            return;
        Reserve(Count);
        for (var i = 1; i < Count; i++)
            _times[i] = _times[i - 1] + (long)reader.Varint();
        for (var i = 0; i < Count; i++)
            _hashes[i] = _hasStoredHashes ? reader.UInt32() : NoInsertId;
        for (var i = 0; i < Count && Value != RememberedValue.None; i++)
            _values[i] = ReadValue(ref reader);
    }

    private void WriteValue(ByteWriter writer, Int128 value)
    {
        switch (Value)
        {
            case RememberedValue.Hash: writer.Int64((long)(ulong)value); break;
            case RememberedValue.Number: writer.Signed128(value); break;
            default: writer.Varint((ulong)value); break;
        }
    }

    private Int128 ReadValue(ref ByteReader reader) => Value switch
    {
        RememberedValue.Hash => (ulong)reader.Int64(),
        RememberedValue.Number => reader.Signed128(),
        _ => reader.Varint(),
    };
}
