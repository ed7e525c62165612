using System.IO.Hashing;

namespace CohortPipeline.State;

/// <summary>
/// The profiles of one partition as bytes by key, with an overlay of what is not committed yet. A read sees the overlay;
/// <see cref="Promote"/> makes it the state, <see cref="Drop"/> forgets it. One thread uses it.
/// </summary>
/// <remarks>One arena of bytes and one open-addressing index; an entry, once given, keeps its number.</remarks>
public sealed class ProfileStore
{
    private const int NoEntry = -1;
    private const int NotStaged = -1;
    private const int FirstCapacity = 1024;
    private const int PrefetchedLinesMax = 6;
    private const int PromotedAhead = 8;

    private readonly ByteArena _arena = new();
    private readonly List<int> _stagedEntries = [];
    private Entry[] _entries = new Entry[FirstCapacity];
    private int[] _slots = NewSlots(FirstCapacity * 2);
    private byte[] _staging = new byte[64 * 1024];
    private int _stagingUsed;
    private int _count;

    /// <summary>Numbers of entries run from 0 to this; some may hold no profile.</summary>
    public int EntryCount => _count;

    /// <summary>Profiles that are committed.</summary>
    public int ProfileCount { get; private set; }

    /// <summary>Memory held, in bytes: arena, index and overlay.</summary>
    public long Bytes => _arena.Bytes + ((long)_entries.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<Entry>()) + ((long)_slots.Length * sizeof(int)) + _staging.Length;

    /// <summary>Entries changed since the last promotion, each once.</summary>
    public IReadOnlyList<int> StagedEntries => _stagedEntries;

    /// <summary>Bytes of the overlay.</summary>
    public long StagedBytes => _stagingUsed;

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
        if (_count == _entries.Length)
        {
            Grow();
            slot = SlotOf(key, hash);
        }

        var keyAddress = _arena.Allocate(key.Length);
        key.CopyTo(_arena.Block(keyAddress, key.Length));
        _entries[_count] = new() { Hash = hash, KeyAddress = keyAddress, KeyLength = key.Length, Staged = NotStaged, Armed = long.MaxValue };
        _slots[slot] = _count;
        return _count++;
    }

    public ReadOnlySpan<byte> Key(int entry) => _arena.Block(_entries[entry].KeyAddress, _entries[entry].KeyLength);

    /// <summary>The profile's bytes, as the open transaction sees them; empty if there is none. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Read(int entry)
    {
        ref var found = ref _entries[entry];
        return found.Staged != NotStaged ? _staging.AsSpan(found.Staged, found.StagedLength) : ReadCommitted(entry);
    }

    public ReadOnlySpan<byte> ReadCommitted(int entry)
    {
        ref var found = ref _entries[entry];
        return found.Length == 0 ? default : _arena.Block(found.Address, found.Length);
    }

    /// <summary>Writes the profile's bytes into the overlay; empty deletes it.</summary>
    public void Stage(int entry, ReadOnlySpan<byte> profile)
    {
        ref var found = ref _entries[entry];
        if (found.Staged == NotStaged)
            _stagedEntries.Add(entry);
        if (found.Staged == NotStaged || found.StagedLength < profile.Length)
        {
            ReserveStaging(profile.Length);
            found.Staged = _stagingUsed;
            _stagingUsed += profile.Length;
        }

        found.StagedLength = profile.Length;
        profile.CopyTo(_staging.AsSpan(found.Staged));
    }

    /// <summary>The first of three steps to have a profile at hand: each, some time after the one before, asks for the memory that the next looks at.</summary>
    public void PrefetchSlot(int hash) => Prefetch.Line(ref _slots[hash & (_slots.Length - 1)]);

    public void PrefetchEntry(int hash)
    {
        if (_slots[hash & (_slots.Length - 1)] is not NoEntry and var entry)
            Prefetch.Line(ref _entries[entry]);
    }

    public void PrefetchBytes(int hash)
    {
        var entry = _slots[hash & (_slots.Length - 1)];
        if (entry == NoEntry || _entries[entry].Hash != hash)
            return;
        Prefetch.Lines(Key(entry), max: 1);
        Prefetch.Lines(Read(entry), PrefetchedLinesMax);
    }

    /// <summary>The earliest instant that the timer queue holds for the entry: see <see cref="TimerQueue"/>.</summary>
    internal ref long Armed(int entry) => ref _entries[entry].Armed;

    public void Promote()
    {
        for (var i = 0; i < _stagedEntries.Count; i++)
        {
            if (i + (2 * PromotedAhead) < _stagedEntries.Count)
                Prefetch.Line(ref _entries[_stagedEntries[i + (2 * PromotedAhead)]]);
            if (i + PromotedAhead < _stagedEntries.Count)
                Prefetch.Lines(ReadCommitted(_stagedEntries[i + PromotedAhead]), PrefetchedLinesMax);
            ref var found = ref _entries[_stagedEntries[i]];
            WriteCommitted(ref found, _staging.AsSpan(found.Staged, found.StagedLength));
            found.Staged = NotStaged;
        }

        ClearOverlay();
    }

    public void Drop()
    {
        foreach (var entry in _stagedEntries)
            _entries[entry].Staged = NotStaged;
        ClearOverlay();
    }

    /// <summary>Writes a committed profile past the overlay, as a restore does.</summary>
    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> profile)
    {
        var entry = FindOrAdd(key);
        WriteCommitted(ref _entries[entry], profile);
    }

    private void WriteCommitted(ref Entry entry, ReadOnlySpan<byte> profile)
    {
        var isThere = entry.Length > 0;
        if (isThere && (profile.IsEmpty || ByteArena.CapacityOf(entry.Length) != ByteArena.CapacityOf(profile.Length)))
        {
            _arena.Free(entry.Address, entry.Length);
            isThere = false;
        }

        ProfileCount += (profile.IsEmpty ? 0 : 1) - (entry.Length > 0 ? 1 : 0);
        entry.Length = profile.Length;
        if (profile.IsEmpty)
            return;
        if (!isThere)
            entry.Address = _arena.Allocate(profile.Length);
        profile.CopyTo(_arena.Block(entry.Address, profile.Length));
    }

    private void ClearOverlay()
    {
        _stagedEntries.Clear();
        _stagingUsed = 0;
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
            ref var entry = ref _entries[_slots[slot]];
            if (entry.Hash == hash && Key(_slots[slot]).SequenceEqual(key))
                break;
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _slots = NewSlots(_entries.Length * 2);
        var mask = _slots.Length - 1;
        for (var entry = 0; entry < _count; entry++)
        {
            var slot = _entries[entry].Hash & mask;
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
        public long KeyAddress;
        public long Address;

        /// <summary>Earliest instant in the timer queue; <see cref="long.MaxValue"/>: none.</summary>
        public long Armed;

        public int Hash;
        public int KeyLength;
        public int Length;
        public int Staged;
        public int StagedLength;
    }
}
