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
/// keeps its number. Entries lie in pages, so that nothing is copied where there are more. A transaction is hardly ever
/// dropped: so what is staged is written where the profile lies, which has just been read, and what it was is kept until the
/// promotion, which then has next to nothing to do.
/// </remarks>
public sealed partial class ProfileStore
{
    /// <summary>Longest key, in bytes.</summary>
    public const int KeyBytesMax = (1 << KeyLengthBits) - 1;

    /// <summary>Longest profile, in bytes: what a block holds beside the longest key.</summary>
    public const int ProfileBytesMax = ByteArena.BlockBytesMax - KeyBytesMax - HeadBytes;

    private const uint EmptySlot = uint.MaxValue;
    private const int FirstSlots = 2048;
    private const int PageBits = 11;
    private const int PageMask = (1 << PageBits) - 1;
    private const int HeadBytes = sizeof(uint);
    private const int KeyLengthBits = 12;
    private const int PrefetchedLinesMax = 7;
    private const int GrownAhead = 16;
    private const int NotCopied = -1;

    private readonly ByteArena _arena = new();
    private readonly List<int> _stagedEntries = [];
    private readonly List<Before> _before = [];
    private readonly List<Entry[]> _pages = [];
    private uint[] _slots = NewSlots(FirstSlots);
    private byte[] _copies = [];
    private int _copied;
    private int _count;

    /// <summary>By how many there are more profiles once what is staged is promoted.</summary>
    private int _profilesStaged;

    /// <summary>Numbers of entries run from 0 to one less than this; some may hold no profile.</summary>
    public int EntryCount => _count;

    /// <summary>Profiles that are committed.</summary>
    public int ProfileCount { get; private set; }

    /// <summary>Memory held, in bytes: arena, index and overlay, but for lists of what is free.</summary>
    public long Bytes => _arena.Bytes
        + ((long)_pages.Count * (PageMask + 1) * Unsafe.SizeOf<Entry>())
        + ((long)_slots.Length * sizeof(uint))
        + ((long)_stagedEntries.Capacity * sizeof(int))
        + ((long)_before.Capacity * Unsafe.SizeOf<Before>())
        + _copies.Length;

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

    /// <summary>Valid until the next write.</summary>
    public ReadOnlySpan<byte> Key(int entry) => KeyAt(EntryAt(entry).Address);

    /// <summary>The profile's bytes, as the open transaction sees them; empty if there is none. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Read(int entry) => ProfileAt(EntryAt(entry).Address);

    public ReadOnlySpan<byte> ReadCommitted(int entry)
    {
        ref readonly var found = ref EntryAt(entry);
        return IsStaged(entry, found) ? CommittedOf(_before[found.Staged]) : ProfileAt(found.Address);
    }

    /// <summary>Writes the profile's bytes into the overlay; empty deletes it.</summary>
    public void Stage(int entry, ReadOnlySpan<byte> profile)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(profile.Length, ProfileBytesMax);
        ref var found = ref EntryAt(entry);
        var now = HeadOf(found.Address);
        var isFirst = !IsStaged(entry, found);
        if (isFirst)
        {
            found.Staged = _stagedEntries.Count;
            _stagedEntries.Add(entry);
            _before.Add(new(found.Address, now.BlockLength, NotCopied));
        }

        var next = BlockHead.Of(now.KeyLength, profile.Length);
        if (ByteArena.CapacityOf(now.BlockLength) == ByteArena.CapacityOf(next.BlockLength))
        {
            if (isFirst)
                CopyCommitted(found);
            Write(found.Address, next, profile);
        }
        else
        {
            MoveStaged(ref found, now, next, profile);
        }

        StagedBytes += profile.Length - (isFirst ? 0 : now.ProfileLength);
        _profilesStaged += (profile.IsEmpty ? 0 : 1) - (now.ProfileLength > 0 ? 1 : 0);
    }

    /// <summary>The first of three steps to have a profile at hand: each, some time after the one before, asks for the memory that the next looks at.</summary>
    public void PrefetchSlot(int hash) => Prefetch.Line(ref _slots[hash & (_slots.Length - 1)]);

    /// <summary>The second one; answers at the entry that is probably the key's, -1 where it has none.</summary>
    public int PrefetchEntryOf(int hash)
    {
        var entry = LikelyEntryOf(hash);
        if (entry >= 0)
            PrefetchEntry(entry);
        return entry;
    }

    /// <summary>The third: as much of a profile as most have.</summary>
    public void PrefetchProfile(int entry) => Prefetch.Lines(ref _arena.First(EntryAt(entry).Address), PrefetchedLinesMax);

    /// <summary>Asks for the memory of an entry.</summary>
    internal void PrefetchEntry(int entry) => Prefetch.Line(ref EntryAt(entry));

    /// <summary>The earliest instant that the timer queue holds for the entry: see <see cref="TimerQueue"/>.</summary>
    internal ref long Armed(int entry) => ref EntryAt(entry).Armed;

    public void Promote()
    {
        var freed = 0L;
        foreach (ref readonly var before in CollectionsMarshal.AsSpan(_before))
        {
            if (!before.IsLeft)
                continue;
            _arena.Free(before.Address, before.BlockLength);
            freed += before.BlockLength;
        }

        ProfileCount += _profilesStaged;
        ClearOverlay();
        Compact(freed);
    }

    public void Drop()
    {
        for (var i = 0; i < _stagedEntries.Count; i++)
        {
            ref var found = ref EntryAt(_stagedEntries[i]);
            var before = _before[i];
            if (before.IsLeft)
                _arena.Free(found.Address, HeadOf(found.Address).BlockLength);
            found.Address = before.Address;
            if (before.IsCopied)
                Write(before.Address, BlockHead.Of(HeadOf(before.Address).KeyLength, CommittedOf(before).Length), CommittedOf(before));
        }

        ClearOverlay();
    }

    /// <summary>Writes a committed profile past the overlay, as a restore does.</summary>
    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> profile)
    {
        ref var found = ref EntryAt(FindOrAdd(key));
        var now = HeadOf(found.Address);
        var next = BlockHead.Of(now.KeyLength, profile.Length);
        if (ByteArena.CapacityOf(now.BlockLength) == ByteArena.CapacityOf(next.BlockLength))
        {
            Write(found.Address, next, profile);
        }
        else
        {
            var left = found.Address;
            found.Address = WriteElsewhere(left, next, profile);
            _arena.Free(left, now.BlockLength);
            Compact(now.BlockLength);
        }

        ProfileCount += (profile.IsEmpty ? 0 : 1) - (now.ProfileLength > 0 ? 1 : 0);
    }

    private ref Entry EntryAt(int entry) => ref _pages[entry >> PageBits][entry & PageMask];

    private BlockHead HeadOf(uint address) => Unsafe.ReadUnaligned<BlockHead>(ref _arena.First(address));

    private ReadOnlySpan<byte> KeyAt(uint address)
    {
        var head = HeadOf(address);
        return _arena.Block(address, HeadBytes + head.KeyLength)[HeadBytes..];
    }

    private ReadOnlySpan<byte> ProfileAt(uint address)
    {
        var head = HeadOf(address);
        return _arena.Block(address, head.BlockLength)[(HeadBytes + head.KeyLength)..];
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
        MemoryMarshal.Write(block, head);
        key.CopyTo(block[HeadBytes..]);
        EntryAt(_count) = new() { Address = address, Armed = long.MaxValue };
        _slots[slot] = SlotOf(_count, hash, _slots.Length - 1);
        _count++;
        // At most four of five are taken.
        if (_count * 5L >= _slots.Length * 4L)
            GrowSlots();
        return _count - 1;
    }

    /// <summary>Keeps what the first staged profile of a transaction is about to be written over.</summary>
    private void CopyCommitted(in Entry found)
    {
        var committed = ProfileAt(found.Address);
        if (_copied + committed.Length > _copies.Length)
            Array.Resize(ref _copies, Math.Max(_copies.Length * 2, _copied + committed.Length));
        committed.CopyTo(_copies.AsSpan(_copied));
        ref var before = ref CollectionsMarshal.AsSpan(_before)[found.Staged];
        before = before with { Copy = _copied };
        _copied += committed.Length;
    }

    /// <summary>Writes a profile that no longer fits where it lies. The committed block stays until the transaction ends.</summary>
    private void MoveStaged(ref Entry found, BlockHead now, BlockHead next, ReadOnlySpan<byte> profile)
    {
        ref var before = ref CollectionsMarshal.AsSpan(_before)[found.Staged];
        var left = found.Address;
        found.Address = WriteElsewhere(left, next, profile);
        if (before.IsLeft)
            _arena.Free(left, now.BlockLength);
        before = before with { IsLeft = true };
    }

    private void Write(uint address, BlockHead head, ReadOnlySpan<byte> profile)
    {
        var block = _arena.Block(address, head.BlockLength);
        MemoryMarshal.Write(block, head);
        profile.CopyTo(block[(HeadBytes + head.KeyLength)..]);
    }

    /// <summary>Writes a profile into another block, with the key of the one it leaves.</summary>
    private uint WriteElsewhere(uint left, BlockHead head, ReadOnlySpan<byte> profile)
    {
        var address = _arena.Allocate(head.BlockLength);
        KeyAt(left).CopyTo(_arena.Block(address, head.BlockLength)[HeadBytes..]);
        Write(address, head, profile);
        return address;
    }

    /// <summary>The profile as it was before the transaction.</summary>
    private ReadOnlySpan<byte> CommittedOf(Before before) =>
        before.IsCopied ? _copies.AsSpan(before.Copy, before.BlockLength - HeadBytes - HeadOf(before.Address).KeyLength) : ProfileAt(before.Address);

    private void ClearOverlay()
    {
        _stagedEntries.Clear();
        _before.Clear();
        _copied = 0;
        _profilesStaged = 0;
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
                Prefetch.Line(ref _arena.First(EntryAt(entry + GrownAhead).Address));
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

    /// <summary>What there was of a staged profile before the transaction: a block, whose profile may have been copied because it is written over.</summary>
    /// <param name="Copy">Where the copy begins.</param>
    private readonly record struct Before(uint Address, int BlockLength, int Copy)
    {
        public bool IsCopied => Copy != NotCopied;

        /// <summary>The staged profile lies in another block.</summary>
        public bool IsLeft { get; init; }
    }

    /// <summary>What a block begins with: the lengths of its key and profile.</summary>
    private readonly record struct BlockHead(uint Bits)
    {
        public int KeyLength => (int)(Bits & KeyBytesMax);

        public int ProfileLength => (int)(Bits >> KeyLengthBits);

        public int BlockLength => HeadBytes + KeyLength + ProfileLength;

        public static BlockHead Of(int keyLength, int profileLength) => new((uint)(keyLength | (profileLength << KeyLengthBits)));
    }
}
