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
/// keeps its number. What is staged is a block of its own: a promotion keeps it and frees the one before. Entries lie in
/// pages, so that nothing is copied where there are more.
/// </remarks>
public sealed class ProfileStore
{
    /// <summary>Longest key, in bytes.</summary>
    public const int KeyBytesMax = (1 << KeyLengthBits) - 1;

    private const uint EmptySlot = uint.MaxValue;
    private const int FirstSlots = 2048;
    private const int PageBits = 11;
    private const int PageMask = (1 << PageBits) - 1;
    private const int HeadBytes = sizeof(uint);
    private const int KeyLengthBits = 12;
    private const int PrefetchedLinesMax = 7;
    private const int GrownAhead = 16;

    private readonly ByteArena _arena = new();
    private readonly List<int> _stagedEntries = [];
    private readonly List<Replaced> _replaced = [];
    private readonly List<Entry[]> _pages = [];
    private uint[] _slots = NewSlots(FirstSlots);
    private int _count;
    private int _stagedCount;

    /// <summary>Numbers of entries run from 0 to this; some may hold no profile.</summary>
    public int EntryCount => _count;

    /// <summary>Profiles that are committed.</summary>
    public int ProfileCount { get; private set; }

    /// <summary>Memory held, in bytes: arena, index and overlay.</summary>
    public long Bytes => _arena.Bytes
        + ((long)_pages.Count * (PageMask + 1) * Unsafe.SizeOf<Entry>())
        + ((long)_slots.Length * sizeof(uint))
        + ((long)_stagedEntries.Capacity * sizeof(int))
        + ((long)_replaced.Capacity * Unsafe.SizeOf<Replaced>());

    /// <summary>Entries changed since the last promotion, each once.</summary>
    public IReadOnlyList<int> StagedEntries => _stagedEntries;

    /// <summary>Bytes of the overlay's profiles.</summary>
    public long StagedBytes { get; private set; }

    /// <summary>What the store finds a key by; of whoever asks for the key twice it is computed once.</summary>
    public static int HashOf(ReadOnlySpan<byte> key) => (int)XxHash3.HashToUInt64(key);

    /// <summary>The entry of a key, made if it has none yet.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> key) => FindOrAdd(key, HashOf(key));

    /// <param name="hash">Of the key: <see cref="HashOf"/>.</param>
    public int FindOrAdd(ReadOnlySpan<byte> key, int hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var found = slots[slot];
            if (found == EmptySlot)
                return Add(key, hash, slot);
            var entry = (int)found & mask;
            if (HasTagOf(found, hash, mask) && Key(entry).SequenceEqual(key))
                return entry;
        }
    }

    /// <summary>Valid until the next promotion.</summary>
    public ReadOnlySpan<byte> Key(int entry) => KeyAt(EntryAt(entry).Address);

    /// <summary>The profile's bytes, as the open transaction sees them; empty if there is none. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Read(int entry) => ProfileAt(EntryAt(entry).Address);

    public ReadOnlySpan<byte> ReadCommitted(int entry)
    {
        ref readonly var found = ref EntryAt(entry);
        return ProfileAt(IsStaged(entry, found) ? _replaced[found.Staged].Address : found.Address);
    }

    /// <summary>Writes the profile's bytes into the overlay; empty deletes it.</summary>
    public void Stage(int entry, ReadOnlySpan<byte> profile)
    {
        ref var found = ref EntryAt(entry);
        var before = HeadOf(found.Address);
        if (IsStaged(entry, found))
        {
            StagedBytes -= before.ProfileLength;
            Rewrite(ref found, before, profile);
        }
        else
        {
            found.Staged = _stagedEntries.Count;
            _stagedEntries.Add(entry);
            _replaced.Add(new(found.Address, before.BlockLength));
            WriteElsewhere(ref found, before, profile);
        }

        StagedBytes += profile.Length;
        _stagedCount += (profile.IsEmpty ? 0 : 1) - (before.ProfileLength > 0 ? 1 : 0);
    }

    /// <summary>The first of three steps to have a profile at hand: each, some time after the one before, asks for the memory that the next looks at.</summary>
    public void PrefetchSlot(int hash) => Prefetch.Line(ref _slots[hash & (_slots.Length - 1)]);

    public void PrefetchEntry(int hash)
    {
        if (LikelyEntryOf(hash) is >= 0 and var entry)
            Prefetch.Line(ref EntryAt(entry));
    }

    public void PrefetchBytes(int hash)
    {
        if (LikelyEntryOf(hash) is >= 0 and var entry)
            Prefetch.Lines(_arena.From(EntryAt(entry).Address), PrefetchedLinesMax);
    }

    /// <summary>The earliest instant that the timer queue holds for the entry: see <see cref="TimerQueue"/>.</summary>
    internal ref long Armed(int entry) => ref EntryAt(entry).Armed;

    public void Promote()
    {
        foreach (var replaced in _replaced)
            _arena.Free(replaced.Address, replaced.Length);
        ProfileCount += _stagedCount;
        ClearOverlay();
    }

    public void Drop()
    {
        for (var i = 0; i < _stagedEntries.Count; i++)
        {
            ref var found = ref EntryAt(_stagedEntries[i]);
            _arena.Free(found.Address, HeadOf(found.Address).BlockLength);
            found.Address = _replaced[i].Address;
        }

        ClearOverlay();
    }

    /// <summary>Writes a committed profile past the overlay, as a restore does.</summary>
    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> profile)
    {
        ref var found = ref EntryAt(FindOrAdd(key));
        var before = HeadOf(found.Address);
        Rewrite(ref found, before, profile);
        ProfileCount += (profile.IsEmpty ? 0 : 1) - (before.ProfileLength > 0 ? 1 : 0);
    }

    private ref Entry EntryAt(int entry) => ref _pages[entry >> PageBits][entry & PageMask];

    private BlockHead HeadOf(uint address) => new(MemoryMarshal.Read<uint>(_arena.From(address)));

    private ReadOnlySpan<byte> KeyAt(uint address)
    {
        var block = _arena.From(address);
        return block.Slice(HeadBytes, new BlockHead(MemoryMarshal.Read<uint>(block)).KeyLength);
    }

    private ReadOnlySpan<byte> ProfileAt(uint address)
    {
        var block = _arena.From(address);
        var head = new BlockHead(MemoryMarshal.Read<uint>(block));
        return block.Slice(HeadBytes + head.KeyLength, head.ProfileLength);
    }

    /// <summary>What an entry keeps of the overlay it was in last may be of one that is gone.</summary>
    private bool IsStaged(int entry, in Entry found) => found.Staged < _stagedEntries.Count && _stagedEntries[found.Staged] == entry;

    private int Add(ReadOnlySpan<byte> key, int hash, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyBytesMax);
        if (_count >> PageBits == _pages.Count)
            _pages.Add(new Entry[PageMask + 1]);
        var head = BlockHead.Of(key.Length, 0);
        var address = _arena.Allocate(head.BlockLength);
        var block = _arena.Block(address, head.BlockLength);
        MemoryMarshal.Write(block, head.Bits);
        key.CopyTo(block[HeadBytes..]);
        EntryAt(_count) = new() { Address = address, Armed = long.MaxValue };
        _slots[slot] = SlotOf(_count, hash, _slots.Length - 1);
        _count++;
        // At most four of five are taken.
        if (_count * 5L >= _slots.Length * 4L)
            GrowSlots();
        return _count - 1;
    }

    /// <summary>Writes a profile where it lies, or elsewhere if it fits no more.</summary>
    private void Rewrite(ref Entry found, BlockHead before, ReadOnlySpan<byte> profile)
    {
        var head = BlockHead.Of(before.KeyLength, profile.Length);
        var address = found.Address;
        if (ByteArena.CapacityOf(before.BlockLength) != ByteArena.CapacityOf(head.BlockLength))
        {
            WriteElsewhere(ref found, before, profile);
            _arena.Free(address, before.BlockLength);
            return;
        }

        var block = _arena.Block(address, head.BlockLength);
        MemoryMarshal.Write(block, head.Bits);
        profile.CopyTo(block[(HeadBytes + head.KeyLength)..]);
    }

    /// <summary>Writes a profile, with its key, into another block.</summary>
    private void WriteElsewhere(ref Entry found, BlockHead before, ReadOnlySpan<byte> profile)
    {
        var head = BlockHead.Of(before.KeyLength, profile.Length);
        var address = _arena.Allocate(head.BlockLength);
        var block = _arena.Block(address, head.BlockLength);
        MemoryMarshal.Write(block, head.Bits);
        KeyAt(found.Address).CopyTo(block[HeadBytes..]);
        profile.CopyTo(block[(HeadBytes + head.KeyLength)..]);
        found.Address = address;
    }

    private void ClearOverlay()
    {
        _stagedEntries.Clear();
        _replaced.Clear();
        _stagedCount = 0;
        StagedBytes = 0;
    }

    /// <summary>The entry of the first slot that may be the key's; -1 where there is none. It is a guess: keys are not compared.</summary>
    private int LikelyEntryOf(int hash)
    {
        var mask = _slots.Length - 1;
        for (var slot = hash & mask; _slots[slot] is not EmptySlot and var found; slot = (slot + 1) & mask)
        {
            if (HasTagOf(found, hash, mask))
                return (int)found & mask;
        }

        return -1;
    }

    private void GrowSlots()
    {
        _slots = NewSlots(_slots.Length * 2);
        var mask = _slots.Length - 1;
        for (var entry = 0; entry < _count; entry++)
        {
            if (entry + GrownAhead < _count)
                Prefetch.Lines(_arena.From(EntryAt(entry + GrownAhead).Address), max: 1);
            var hash = HashOf(Key(entry));
            var slot = hash & mask;
            while (_slots[slot] != EmptySlot)
                slot = (slot + 1) & mask;
            _slots[slot] = SlotOf(entry, hash, mask);
        }
    }

    /// <summary>An entry's number, and above it those bits of its hash that do not say where its slot is.</summary>
    private static uint SlotOf(int entry, int hash, int mask) => (uint)((hash & ~mask) | entry);

    private static bool HasTagOf(uint slot, int hash, int mask) => (((int)slot ^ hash) & ~mask) == 0;

    private static uint[] NewSlots(int length)
    {
        var slots = new uint[length];
        Array.Fill(slots, EmptySlot);
        return slots;
    }

    private struct Entry
    {
        /// <summary>Earliest instant in the timer queue; <see cref="long.MaxValue"/>: none.</summary>
        public long Armed;

        /// <summary>Of the block that the open transaction sees.</summary>
        public uint Address;

        /// <summary>The place among staged entries that it has, or once had.</summary>
        public int Staged;
    }

    /// <summary>A committed block that a staged one stands in for.</summary>
    private readonly record struct Replaced(uint Address, int Length);

    /// <summary>What a block begins with: the lengths of its key and profile.</summary>
    private readonly record struct BlockHead(uint Bits)
    {
        public int KeyLength => (int)(Bits & KeyBytesMax);

        public int ProfileLength => (int)(Bits >> KeyLengthBits);

        public int BlockLength => HeadBytes + KeyLength + ProfileLength;

        public static BlockHead Of(int keyLength, int profileLength) => new((uint)(keyLength | (profileLength << KeyLengthBits)));
    }
}
