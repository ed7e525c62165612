using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <content>
/// Stored: how many events, and in which of two forms. Plain, where there are times and hashes alone, and all times lie within
/// 2^32 ms of the base: the times, 32 bits each, then the hashes if any event has one; their number tells their length. Or
/// whole, with its length before it: what there is; folded totals; times as numbers of either sign, from the base and then
/// each from the one before it; hashes; values.
/// </content>
public sealed partial class RememberedEvents
{
    private const ulong HashesFlag = 1;
    private const ulong WholeFlag = 2;
    private const int FlagBits = 2;

    /// <summary>
    /// Few events are read and written all at once, with what stands behind them, as if they were so many: how often a loop
    /// goes round no processor foresees, where one behavior remembers two events and the next one four.
    /// </summary>
    private const int FewMax = 8;

    private const int FewBytes = FewMax * sizeof(uint);

    private const byte ApproximateFlag = 1;
    private const byte FoldedFlag = 2;
    private const int ValueShift = 2;

    /// <summary>Where so many bytes of whatever lie behind a stored behavior, few events can be read and written at once.</summary>
    internal const int BytesBehind = 2 * FewBytes;

    /// <summary>Passes over what is stored of a behavior, and answers how much that is at most: <see cref="ProfileBounds.SizeAtMost(int, bool)"/>.</summary>
    internal static int Skip(ref ByteReader reader)
    {
        var head = reader.Varint();
        var isPlain = (head & WholeFlag) == 0;
        reader.Skip(isPlain ? PlainLengthOf(head) : reader.Count());
        return ProfileBounds.SizeAtMost((int)(head >> FlagBits), isPlain);
    }

    /// <param name="stored">What is stored, and what lies behind it.</param>
    /// <param name="timesFrom">What times are stored from.</param>
    internal void ReadStored(int slot, ReadOnlySpan<byte> stored, long timesFrom)
    {
        var reader = new ByteReader(stored);
        (Slot, _first, Count) = (slot, 0, 0);
        var head = reader.Varint();
        var count = (int)(head >> FlagBits);
        if (count > stored.Length)
            throw new InvalidDataException($"{count} events are stored in {stored.Length} bytes");
        var hasHashes = (head & HashesFlag) != 0;
        if ((head & WholeFlag) != 0)
            ReadWhole(new(reader.Bytes()), count, hasHashes, timesFrom);
        else
            ReadPlain(reader.Rest(), count, hasHashes, timesFrom);
        HasChanged = false;
        BeginStep();
    }

    internal void WriteStored(ByteWriter writer, long timesFrom)
    {
        var head = HeadNow(timesFrom);
        writer.Varint(head);
        if ((head & WholeFlag) != 0)
            WriteWhole(writer, (head & HashesFlag) != 0, timesFrom);
        else
            WritePlain(writer.Reserved(PlainLengthOf(head)), timesFrom);
    }

    /// <summary>Writes over what is stored where it takes the same bytes in the plain form; otherwise answers false.</summary>
    /// <param name="stored">What is stored, and what lies behind it.</param>
    internal bool TryWriteOver(Span<byte> stored, long timesFrom)
    {
        var reader = new ByteReader(stored);
        var head = reader.Varint();
        if (head != HeadNow(timesFrom) || (head & WholeFlag) != 0)
            return false;
        var body = stored[reader.Position..];
        if (Count <= FewMax && _first + FewMax <= _times.Length && body.Length >= BytesBehind)
            WriteFewOver(body, (head & HashesFlag) != 0, timesFrom);
        else
            WritePlain(body[..PlainLengthOf(head)], timesFrom);
        HasChanged = false;
        return true;
    }

    internal Int128 ReadValue(ref ByteReader reader) => Value switch
    {
        RememberedValue.Hash => (ulong)reader.Int64(),
        RememberedValue.Number => reader.Signed128(),
        _ => reader.Varint(),
    };

    private static int PlainLengthOf(ulong head) => (int)(head >> FlagBits) * ((head & HashesFlag) != 0 ? sizeof(uint) + sizeof(uint) : sizeof(uint));

    private ulong HeadNow(long timesFrom)
    {
        var isPlain = Value == RememberedValue.None && !_isApproximate && _folded.Count == 0
            && (Count == 0 || (Oldest >= timesFrom && Times[^1] - timesFrom <= uint.MaxValue));
        return ((ulong)Count << FlagBits) | (HasHashes() ? HashesFlag : 0) | (isPlain ? 0 : WholeFlag);
    }

    /// <summary>Nearly always the first one says so.</summary>
    private bool HasHashes()
    {
        foreach (var hash in Hashes)
        {
            if (hash != NoInsertId)
                return true;
        }

        return false;
    }

    private void ReadPlain(ReadOnlySpan<byte> body, int count, bool hasHashes, long timesFrom)
    {
        (Value, _isApproximate) = (RememberedValue.None, false);
        if (_folded.Count > 0)
            _folded = default;
        Reserve(count);
        Count = count;
        var hashes = body[(count * sizeof(uint))..];
        if (count <= FewMax && body.Length >= BytesBehind)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(body).AsUInt32());
            (low.AsInt64() + Vector256.Create(timesFrom)).CopyTo(_times);
            (high.AsInt64() + Vector256.Create(timesFrom)).CopyTo(_times, FewMax / 2);
            (hasHashes ? Vector256.Create(hashes).AsUInt32() : Vector256.Create(NoInsertId)).CopyTo(_hashes);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            _times[i] = timesFrom + BinaryPrimitives.ReadUInt32LittleEndian(body[(i * sizeof(uint))..]);
            _hashes[i] = hasHashes ? BinaryPrimitives.ReadUInt32LittleEndian(hashes[(i * sizeof(uint))..]) : NoInsertId;
        }
    }

    private void WritePlain(Span<byte> body, long timesFrom)
    {
        for (var i = 0; i < Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(body[(i * sizeof(uint))..], (uint)(Times[i] - timesFrom));
        var hashes = body[(Count * sizeof(uint))..];
        for (var i = 0; i < Count && !hashes.IsEmpty; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(hashes[(i * sizeof(uint))..], Hashes[i]);
    }

    /// <summary>What stands behind the events' own bytes is written as it was.</summary>
    private void WriteFewOver(Span<byte> body, bool hasHashes, long timesFrom)
    {
        var areThere = Vector256.LessThan(Vector256<uint>.Indices, Vector256.Create((uint)Count));
        var low = Vector256.Create(_times.AsSpan(_first)) - Vector256.Create(timesFrom);
        var high = Vector256.Create(_times.AsSpan(_first + (FewMax / 2))) - Vector256.Create(timesFrom);
        WriteThose(areThere, Vector256.Narrow(low.AsUInt64(), high.AsUInt64()), body);
        if (hasHashes)
            WriteThose(areThere, Vector256.Create(_hashes.AsSpan(_first)), body[(Count * sizeof(uint))..]);
    }

    private static void WriteThose(Vector256<uint> areThere, Vector256<uint> numbers, Span<byte> over) =>
        Vector256.ConditionalSelect(areThere, numbers, Vector256.Create(over).AsUInt32()).AsByte().CopyTo(over);

    private void ReadWhole(ByteReader reader, int count, bool hasHashes, long timesFrom)
    {
        var extras = reader.Byte();
        Value = (RememberedValue)(extras >> ValueShift);
        _isApproximate = (extras & ApproximateFlag) != 0;
        _folded = (extras & FoldedFlag) == 0 ? default : new((long)reader.Varint(), reader.Signed128(), reader.Signed128(), reader.Signed128());
        Reserve(count);
        Count = count;
        for (var i = 0; i < count; i++)
            _times[i] = timesFrom = timesFrom + reader.Signed();
        for (var i = 0; i < count; i++)
            _hashes[i] = hasHashes ? reader.UInt32() : NoInsertId;
        for (var i = 0; i < count && Value != RememberedValue.None; i++)
            _values[i] = ReadValue(ref reader);
        if (!reader.IsAtEnd)
            throw new InvalidDataException($"what is stored of a behavior goes on behind its {count} events");
    }

    private void WriteWhole(ByteWriter writer, bool hasHashes, long timesFrom)
    {
        var begun = writer.BeginBytes();
        writer.Byte((byte)(((int)Value << ValueShift) | (_folded.Count > 0 ? FoldedFlag : 0) | (_isApproximate ? ApproximateFlag : 0)));
        if (_folded.Count > 0)
        {
            writer.Varint((ulong)_folded.Count);
            writer.Signed128(_folded.Sum);
            writer.Signed128(_folded.Least);
            writer.Signed128(_folded.Greatest);
        }

        foreach (var time in Times)
        {
            writer.Signed(time - timesFrom);
            timesFrom = time;
        }

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
}
