using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CohortPipeline.State;

/// <summary>
/// The profiles of one partition as bytes by key, with an overlay of what is not committed yet. A read sees the overlay;
/// <see cref="Promote"/> makes it the state, <see cref="Drop"/> forgets it. One thread uses it.
/// </summary>
/// <remarks>
/// One arena of bytes, in which a key and its profile are one block, and one open-addressing index; an entry, once given,
/// keeps its number. Entries lie in pages, so that nothing is copied where there are more.
/// </remarks>
public sealed class ProfileStore
{
    private const int NoEntry = -1;
    private const int NotStaged = -1;
    private const int FirstSlots = 2048;
    private const int PageBits = 11;
    private const int PageMask = (1 << PageBits) - 1;
    private const int PrefetchedLinesMax = 7;
    private const int PromotedAhead = 8;

    private readonly ByteArena _arena = new();
    private readonly List<int> _stagedEntries = [];
    private readonly List<Entry[]> _pages = [];
    private int[] _slots = NewSlots(FirstSlots);
    private byte[] _staging = new byte[64 * 1024];
    private int _stagingUsed;
    private int _count;

    /// <summary>Numbers of entries run from 0 to this; some may hold no profile.</summary>
    public int EntryCount => _count;

    /// <summary>Profiles that are committed.</summary>
    public int ProfileCount { get; private set; }

    /// <summary>Memory held, in bytes: arena, index and overlay.</summary>
    public long Bytes => _arena.Bytes + ((long)_pages.Count * (PageMask + 1) * Unsafe.SizeOf<Entry>()) + ((long)_slots.Length * sizeof(int)) + _staging.Length;

    /// <summary>Entries changed since the last promotion, each once.</summary>
    public IReadOnlyList<int> StagedEntries => _stagedEntries;

    /// <summary>Bytes of the overlay's profiles.</summary>
    public long StagedBytes { get; private set; }

    /// <summary>What the store finds a key by; of whoever asks for the key twice it is computed once.</summary>
    public static int HashOf(ReadOnlySpan<byte> key) => (int)XxHash3.HashToUInt64(key) & int.MaxValue;

    /// <summary>The entry of a key, made if it has none yet.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> key) => FindOrAdd(key, HashOf(key));

    /// <param name="hash">Of the key: <see cref="HashOf"/>.</param>
    public int FindOrAdd(ReadOnlySpan<byte> key, int hash)
    {
        var slot = SlotOf(key, hash);
        if (_slots[slot] != NoEntry)
            return _slots[slot];
        if (_count * 2 == _slots.Length)
        {
            GrowSlots();
            slot = SlotOf(key, hash);
        }

        if (_count >> PageBits == _pages.Count)
            _pages.Add(new Entry[PageMask + 1]);
        var address = _arena.Allocate(key.Length);
        key.CopyTo(_arena.Block(address, key.Length));
        EntryAt(_count) = new() { Hash = hash, Address = address, KeyLength = key.Length, Staged = NotStaged, Armed = long.MaxValue };
        _slots[slot] = _count;
        return _count++;
    }

    /// <summary>Valid until the next promotion.</summary>
    public ReadOnlySpan<byte> Key(int entry) => KeyOf(EntryAt(entry));

    /// <summary>The profile's bytes, as the open transaction sees them; empty if there is none. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Read(int entry)
    {
        ref readonly var found = ref EntryAt(entry);
        return found.Staged != NotStaged ? StagedOf(found) : CommittedOf(found);
    }

    public ReadOnlySpan<byte> ReadCommitted(int entry) => CommittedOf(EntryAt(entry));

    /// <summary>Writes the profile's bytes into the overlay; empty deletes it.</summary>
    public void Stage(int entry, ReadOnlySpan<byte> profile)
    {
        ref var found = ref EntryAt(entry);
        if (found.Staged == NotStaged)
            _stagedEntries.Add(entry);
        if (found.Staged == NotStaged || StagedOf(found).Length < profile.Length)
        {
            ReserveStaging(sizeof(int) + profile.Length);
            found.Staged = _stagingUsed;
            _stagingUsed += sizeof(int) + profile.Length;
            StagedBytes += profile.Length;
        }

        MemoryMarshal.Write(_staging.AsSpan(found.Staged), profile.Length);
        profile.CopyTo(_staging.AsSpan(found.Staged + sizeof(int)));
    }

    /// <summary>The first of three steps to have a profile at hand: each, some time after the one before, asks for the memory that the next looks at.</summary>
    public void PrefetchSlot(int hash) => Prefetch.Line(ref _slots[hash & (_slots.Length - 1)]);

    public void PrefetchEntry(int hash)
    {
        if (_slots[hash & (_slots.Length - 1)] is not NoEntry and var entry)
            Prefetch.Line(ref EntryAt(entry));
    }

    public void PrefetchBytes(int hash)
    {
        var entry = _slots[hash & (_slots.Length - 1)];
        if (entry == NoEntry || EntryAt(entry).Hash != hash)
            return;
        ref readonly var found = ref EntryAt(entry);
        if (found.Staged == NotStaged)
        {
            PrefetchBlock(found);
            return;
        }

        Prefetch.Lines(KeyOf(found), max: 1);
        Prefetch.Lines(_staging.AsSpan(found.Staged), PrefetchedLinesMax);
    }

    /// <summary>The earliest instant that the timer queue holds for the entry: see <see cref="TimerQueue"/>.</summary>
    internal ref long Armed(int entry) => ref EntryAt(entry).Armed;

    public void Promote()
    {
        for (var i = 0; i < _stagedEntries.Count; i++)
        {
            if (i + (2 * PromotedAhead) < _stagedEntries.Count)
                Prefetch.Line(ref EntryAt(_stagedEntries[i + (2 * PromotedAhead)]));
            if (i + PromotedAhead < _stagedEntries.Count)
                PrefetchBlock(EntryAt(_stagedEntries[i + PromotedAhead]));
            ref var found = ref EntryAt(_stagedEntries[i]);
            WriteCommitted(ref found, StagedOf(found));
            found.Staged = NotStaged;
        }

        ClearOverlay();
    }

    public void Drop()
    {
        foreach (var entry in _stagedEntries)
            EntryAt(entry).Staged = NotStaged;
        ClearOverlay();
    }

    /// <summary>Writes a committed profile past the overlay, as a restore does.</summary>
    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> profile)
    {
        var entry = FindOrAdd(key);
        WriteCommitted(ref EntryAt(entry), profile);
    }

    private ref Entry EntryAt(int entry) => ref _pages[entry >> PageBits][entry & PageMask];

    private ReadOnlySpan<byte> KeyOf(in Entry entry) => _arena.Block(entry.Address, entry.KeyLength);

    private ReadOnlySpan<byte> CommittedOf(in Entry entry) => _arena.Block(entry.Address, entry.BlockLength)[entry.KeyLength..];

    /// <summary>Its length stands before it.</summary>
    private ReadOnlySpan<byte> StagedOf(in Entry entry) => _staging.AsSpan(entry.Staged + sizeof(int), MemoryMarshal.Read<int>(_staging.AsSpan(entry.Staged)));

    private void PrefetchBlock(in Entry entry) => Prefetch.Lines(_arena.Block(entry.Address, entry.BlockLength), PrefetchedLinesMax);

    private void WriteCommitted(ref Entry entry, ReadOnlySpan<byte> profile)
    {
        var length = entry.KeyLength + profile.Length;
        if (ByteArena.CapacityOf(entry.BlockLength) != ByteArena.CapacityOf(length))
        {
            var address = _arena.Allocate(length);
            KeyOf(entry).CopyTo(_arena.Block(address, entry.KeyLength));
            _arena.Free(entry.Address, entry.BlockLength);
            entry.Address = address;
        }

        ProfileCount += (profile.IsEmpty ? 0 : 1) - (entry.Length > 0 ? 1 : 0);
        entry.Length = profile.Length;
        profile.CopyTo(_arena.Block(entry.Address, length)[entry.KeyLength..]);
    }

    private void ClearOverlay()
    {
        _stagedEntries.Clear();
        _stagingUsed = 0;
        StagedBytes = 0;
    }

    private void ReserveStaging(int length)
    {
        if (_stagingUsed + length > _staging.Length)
            Array.Resize(ref _staging, Math.Max(_staging.Length * 2, _stagingUsed + length));
    }

    private int SlotOf(ReadOnlySpan<byte> key, int hash)
    {
        var mask = _slots.Length - 1;
        var slot = hash & mask;
        while (_slots[slot] != NoEntry)
        {
            ref readonly var entry = ref EntryAt(_slots[slot]);
            if (entry.Hash == hash && KeyOf(entry).SequenceEqual(key))
                break;
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void GrowSlots()
    {
        _slots = NewSlots(_slots.Length * 2);
        var mask = _slots.Length - 1;
        for (var entry = 0; entry < _count; entry++)
        {
            var slot = EntryAt(entry).Hash & mask;
            while (_slots[slot] != NoEntry)
                slot = (slot + 1) & mask;
            _slots[slot] = entry;
        }
    }

    private static int[] NewSlots(int length)
    {
        var slots = new int[length];
        Array.Fill(slots, NoEntry);
        return slots;
    }

    private struct Entry
    {
        /// <summary>Of the block: the key, and behind it the committed profile.</summary>
        public long Address;

        /// <summary>Earliest instant in the timer queue; <see cref="long.MaxValue"/>: none.</summary>
        public long Armed;

        public int Hash;
        public int KeyLength;

        /// <summary>Of the committed profile; 0 for none.</summary>
        public int Length;

        /// <summary>Where the overlay has the profile.</summary>
        public int Staged;

        public readonly int BlockLength => KeyLength + Length;
    }
}
