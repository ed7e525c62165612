using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <content>
/// Stored: slot, how many events and two flags, the oldest time, the next flip; then with their length the times behind the
/// oldest, each from the one before it, and the hashes if any event has one.
/// </content>
public sealed partial class RememberedEvents
{
    private const ulong ApproximateFlag = 1;
    private const ulong HashesFlag = 2;
    private const int FlagBits = 2;

    private ReadOnlyMemory<byte> _stored;
    private StoredPart _storedEvents;
    private bool _hasStoredHashes;

    /// <summary>Reads all but the events, which are left in <paramref name="memory"/>, where the reader reads.</summary>
    internal void ReadStored(ref ByteReader reader, byte[] memory, long firstSeenAt)
    {
        var start = reader.Position;
        Slot = reader.Count();
        var counted = reader.Varint();
        Count = (int)(counted >> FlagBits);
        CountBefore = Count;
        _isApproximate = (counted & ApproximateFlag) != 0;
        _hasStoredHashes = (counted & HashesFlag) != 0;
        NextFlip = Profile.NoTimer;
        if (Count > 0)
        {
            _times[0] = firstSeenAt + reader.Signed();
            if (reader.Varint() is > 0 and var later)
                NextFlip = _times[0] + (long)later;
        }

        var length = reader.Bytes().Length;
        _storedEvents = StoredPart.Of(memory.AsMemory(reader.Position - length, length));
        _stored = memory.AsMemory(start, reader.Position - start);
        HasChanged = false;
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
        writer.Varint((ulong)Slot);
        writer.Varint(((ulong)Count << FlagBits) | (hasHashes ? HashesFlag : 0) | (IsApproximate ? ApproximateFlag : 0));
        if (Count > 0)
        {
            writer.Signed(Oldest - firstSeenAt);
            writer.Varint(NextFlip == Profile.NoTimer ? 0 : (ulong)(NextFlip - Oldest));
        }

        var begun = writer.BeginBytes();
        for (var i = 1; i < Count; i++)
            writer.Varint((ulong)(_times[i] - _times[i - 1]));
        if (hasHashes)
        {
            foreach (var hash in Hashes)
                writer.UInt32(hash);
        }

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
        if (!_hasStoredHashes)
        {
            _hashes.AsSpan(0, Count).Clear();
            return;
        }

        for (var i = 0; i < Count; i++)
            _hashes[i] = reader.UInt32();
    }
}
