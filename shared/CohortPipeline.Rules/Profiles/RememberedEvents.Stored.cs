using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <content>
/// Stored, with the length of all before it: how many events and what there is beside them, as one number; the oldest time;
/// folded totals; the times behind the oldest, each from the one before it; the hashes if any event has one; the values if
/// the behavior has them.
/// </content>
public sealed partial class RememberedEvents
{
    private const ulong HashesFlag = 1;
    private const ulong ExtrasFlag = 2;
    private const int FlagBits = 2;

    private const byte ApproximateFlag = 1;
    private const byte FoldedFlag = 2;
    private const int ValueShift = 2;

    internal void ReadStored(int slot, ReadOnlySpan<byte> stored, long firstSeenAt)
    {
        var reader = new ByteReader(stored);
        Slot = slot;
        var head = reader.Varint();
        var extras = (head & ExtrasFlag) != 0 ? reader.Byte() : (byte)0;
        Value = (RememberedValue)(extras >> ValueShift);
        _isApproximate = (extras & ApproximateFlag) != 0;
        var count = (int)(head >> FlagBits);
        if (count > stored.Length)
            throw new InvalidDataException($"{count} events are stored in {stored.Length} bytes");
        Reserve(count);
        Count = count;
        if (count > 0)
            _times[0] = firstSeenAt + reader.Signed();
        _folded = (extras & FoldedFlag) == 0 ? default : new((long)reader.Varint(), reader.Signed128(), reader.Signed128(), reader.Signed128());
        for (var i = 1; i < count; i++)
            _times[i] = _times[i - 1] + (long)reader.Varint();
        for (var i = 0; i < count; i++)
            _hashes[i] = (head & HashesFlag) != 0 ? reader.UInt32() : NoInsertId;
        for (var i = 0; i < count && Value != RememberedValue.None; i++)
            _values[i] = ReadValue(ref reader);
        if (!reader.IsAtEnd)
            throw new InvalidDataException($"what is stored of a behavior goes on behind its {count} events");
        HasChanged = false;
        BeginStep();
    }

    internal void WriteStored(ByteWriter writer, long firstSeenAt)
    {
        var begun = writer.BeginBytes();
        var hasHashes = Hashes.ContainsAnyExcept(NoInsertId);
        var extras = (byte)(((int)Value << ValueShift) | (_folded.Count > 0 ? FoldedFlag : 0) | (IsApproximate ? ApproximateFlag : 0));
        writer.Varint(((ulong)Count << FlagBits) | (hasHashes ? HashesFlag : 0) | (extras == 0 ? 0 : ExtrasFlag));
        if (extras != 0)
            writer.Byte(extras);
        if (Count > 0)
            writer.Signed(Oldest - firstSeenAt);
        if (_folded.Count > 0)
        {
            writer.Varint((ulong)_folded.Count);
            writer.Signed128(_folded.Sum);
            writer.Signed128(_folded.Least);
            writer.Signed128(_folded.Greatest);
        }

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

    private void WriteValue(ByteWriter writer, Int128 value)
    {
        switch (Value)
        {
            case RememberedValue.Hash: writer.Int64((long)(ulong)value); break;
            case RememberedValue.Number: writer.Signed128(value); break;
            default: writer.Varint((ulong)value); break;
        }
    }

    internal Int128 ReadValue(ref ByteReader reader) => Value switch
    {
        RememberedValue.Hash => (ulong)reader.Int64(),
        RememberedValue.Number => reader.Signed128(),
        _ => reader.Varint(),
    };
}
