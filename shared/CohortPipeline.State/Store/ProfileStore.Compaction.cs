namespace CohortPipeline.State;

/// <content>A user's profile grows through many sizes, and leaves a gap of each.</content>
public sealed partial class ProfileStore
{
    /// <summary>So many at once that one look through what is free does for all.</summary>
    private const int ChunksCompacted = 4;

    private readonly List<(uint Address, int Hash)> _inChunk = [];

    /// <summary>Moves profiles to where less memory lies idle between them, if much does; not many more bytes than were just freed. Nothing may be staged.</summary>
    private void Compact(long freed)
    {
        Span<int> chunks = stackalloc int[ChunksCompacted];
        for (var left = freed; left > 0 && _arena.IsSparse; left -= ByteArena.ChunkBytes * ChunksCompacted / 2)
        {
            foreach (var chunk in chunks[.._arena.BeginEvacuation(chunks)])
            {
                Evacuate(chunk);
                _arena.EndEvacuation(chunk);
            }
        }
    }

    /// <summary>Which blocks are in use the entries know: in three rounds, each of which asks for the memory of the next.</summary>
    private void Evacuate(int chunk)
    {
        _inChunk.Clear();
        var (address, end) = _arena.AddressesOf(chunk);
        for (; address != end; address = ByteArena.Behind(address, HeadOf(address).BlockLength))
        {
            var hash = HashOf(KeyAt(address));
            PrefetchSlot(hash);
            _inChunk.Add((address, hash));
        }

        foreach (var (_, hash) in _inChunk)
            PrefetchEntryOf(hash);
        foreach (var (from, hash) in _inChunk)
        {
            if (EntryOf(from, hash) is not (>= 0 and var entry))
                continue;
            var length = HeadOf(from).BlockLength;
            var to = _arena.Allocate(length);
            _arena.Block(from, length).CopyTo(_arena.Block(to, length));
            EntryAt(entry).Address = to;
        }
    }

    /// <summary>The entry whose block lies there; -1 for a freed one.</summary>
    private int EntryOf(uint address, int hash)
    {
        var mask = _slots.Length - 1;
        for (var slot = hash & mask; _slots[slot] is not EmptySlot and var found; slot = (slot + 1) & mask)
        {
            if (HasTagOf(found, hash, mask) && EntryAt((int)found & mask).Address == address)
                return (int)found & mask;
        }

        return -1;
    }
}
