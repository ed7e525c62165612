using System.Numerics;
using System.Runtime.Intrinsics;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// What a profile remembers, by behavior, in the order of their slots. Stored behaviors are found without being read: each
/// tells its length. One that is asked for is read into a working object; the others are copied when the profile is
/// written again. So an event costs the behaviors that it touches, not those that its user's profile holds.
/// </summary>
internal sealed class BehaviorTable
{
    /// <summary>So few are all looked at, in one go: a search goes where no processor foresees it.</summary>
    private const int LookedThroughMax = 16;

    /// <summary>Stands where a place is free; no behavior has it.</summary>
    private const int NoSlot = int.MaxValue;

    /// <summary>Working objects, kept and used again; the first ones are those of the profile at hand.</summary>
    private RememberedEvents[] _working = [new()];

    private int _loadedCount;
    private Place[] _places = new Place[LookedThroughMax];

    /// <summary>The behaviors' slots, at the same places, ascending; of the first few places those that are free have <see cref="NoSlot"/>.</summary>
    private int[] _slots = [.. Enumerable.Repeat(NoSlot, LookedThroughMax)];

    /// <summary>Of working objects that were read, where their behaviors stood then.</summary>
    private int[] _placeOf = new int[1];

    private byte[] _stored = [];
    private long _timesFrom;
    private int _start;

    /// <summary>How many there are in the stored bytes; -1 where others are now.</summary>
    private int _storedCount;

    public int Count { get; private set; }

    /// <summary>Those that somebody asked for since the profile was read, in any order.</summary>
    public ReadOnlySpan<RememberedEvents> Loaded => _working.AsSpan(0, _loadedCount);

    /// <summary>Not less than what the behaviors that nobody asked for take: <see cref="ProfileBounds.SizeAtMost(int, bool)"/> of all.</summary>
    public int UnreadSizeAtMost { get; private set; }

    public RememberedEvents At(int index)
    {
        ref var place = ref _places[index];
        return place.IsLoaded ? _working[place.Working] : Load(index);
    }

    /// <summary>Null where nothing is remembered of the behavior.</summary>
    public RememberedEvents? Find(int slot) => IndexOf(slot) is >= 0 and var index ? At(index) : null;

    /// <summary>An empty one is added where there is none.</summary>
    public RememberedEvents FindOrAdd(int slot, RememberedValue value)
    {
        var index = IndexOf(slot);
        if (index >= 0)
            return At(index);
        var added = TakeWorking(out var working);
        added.Clear(slot, value);
        _storedCount = -1;
        Insert(~index, slot, new() { Working = working });
        return added;
    }

    public void LoadAll()
    {
        for (var index = 0; index < Count && _loadedCount < Count; index++)
            At(index);
    }

    /// <summary>Forgets a behavior that was asked for. The last one of <see cref="Loaded"/> takes its place there.</summary>
    public void Remove(RememberedEvents events)
    {
        var index = IndexOf(events.Slot);
        var working = _places[index].Working;
        var last = _working[--_loadedCount];
        _places[IndexOf(last.Slot)].Working = working;
        (_working[working], _working[_loadedCount]) = (last, events);
        Count--;
        _storedCount = -1;
        Array.Copy(_places, index + 1, _places, index, Count - index);
        Array.Copy(_slots, index + 1, _slots, index, Count - index);
        _slots[Count] = NoSlot;
    }

    public void Clear()
    {
        _loadedCount = 0;
        Count = _storedCount = 0;
        UnreadSizeAtMost = 0;
        _slots.AsSpan(0, LookedThroughMax).Fill(NoSlot);
    }

    /// <summary>Finds the behaviors that are stored from where the reader reads to its end, which is in <paramref name="stored"/>.</summary>
    /// <param name="timesFrom">What times are stored from.</param>
    public void ReadStored(ref ByteReader reader, byte[] stored, long timesFrom)
    {
        (_stored, _timesFrom) = (stored, timesFrom);
        var count = reader.Count();
        if (_places.Length < count)
        {
            _places = new Place[Math.Max(count, _places.Length * 2)];
            _slots = new int[_places.Length];
        }

        _start = reader.Position;
        var slot = 0;
        for (var index = 0; index < count; index++)
        {
            var (slotBefore, start) = (slot, reader.Position);
            slot += reader.Count();
            var bodyStart = reader.Position;
            ref var place = ref _places[index];
            UnreadSizeAtMost += place.SizeAtMost = RememberedEvents.Skip(ref reader);
            _slots[index] = slot;
            (place.SlotBefore, place.Start) = (slotBefore, start);
            (place.BodyStart, place.End) = (bodyStart, reader.Position);
            place.Working = Place.NotLoaded;
        }

        Count = _storedCount = count;
    }

    /// <param name="timesFrom">What times are stored from now.</param>
    public void WriteStored(ByteWriter writer, long timesFrom)
    {
        writer.Varint((ulong)Count);
        if (timesFrom == _timesFrom && AreAllInPlace())
            writer.Raw(_stored.AsSpan(_start..(Count == 0 ? _start : _places[Count - 1].End)));
        else
            WriteOneByOne(writer, timesFrom);
    }

    /// <summary>Whether the stored bytes are those of all behaviors, once those that changed were written over what was stored of them.</summary>
    private bool AreAllInPlace()
    {
        if (_storedCount != Count)
            return false;
        for (var loaded = 0; loaded < _loadedCount; loaded++)
        {
            ref readonly var place = ref _places[_placeOf[loaded]];
            if (_working[loaded] is { HasChanged: true } changed && !(place.IsStored && changed.TryWriteOver(_stored.AsSpan(place.BodyStart), _timesFrom)))
                return false;
        }

        return true;
    }

    /// <summary>What stands side by side as it stood in the stored bytes is copied in one piece.</summary>
    private void WriteOneByOne(ByteWriter writer, long timesFrom)
    {
        if (timesFrom != _timesFrom)
            LoadAll();
        var (slot, copyFrom, copyTo) = (0, 0, 0);
        for (var index = 0; index < Count; index++)
        {
            ref readonly var place = ref _places[index];
            var isAsStored = place.IsStored && !(place.IsLoaded && _working[place.Working].HasChanged) && timesFrom == _timesFrom;
            var isInPlace = isAsStored && place.SlotBefore == slot;
            if (!isInPlace || place.Start != copyTo)
            {
                writer.Raw(_stored.AsSpan(copyFrom..copyTo));
                copyFrom = place.Start;
            }

            copyTo = isInPlace ? place.End : copyFrom;
            if (!isInPlace)
            {
                writer.Varint((ulong)(_slots[index] - slot));
                if (isAsStored)
                    writer.Raw(_stored.AsSpan(place.Body));
                else
                    _working[place.Working].WriteStored(writer, timesFrom);
            }

            slot = _slots[index];
        }

        writer.Raw(_stored.AsSpan(copyFrom..copyTo));
    }

    private RememberedEvents Load(int index)
    {
        ref var place = ref _places[index];
        var events = TakeWorking(out place.Working);
        _placeOf[place.Working] = index;
        events.ReadStored(_slots[index], _stored.AsSpan(place.BodyStart), _timesFrom);
        UnreadSizeAtMost -= place.SizeAtMost;
        return events;
    }

    private RememberedEvents TakeWorking(out int working)
    {
        if (_loadedCount == _working.Length)
        {
            Array.Resize(ref _working, _loadedCount * 2);
            Array.Resize(ref _placeOf, _working.Length);
            for (var added = _loadedCount; added < _working.Length; added++)
                _working[added] = new();
        }

        working = _loadedCount++;
        return _working[working];
    }

    private void Insert(int index, int slot, in Place place)
    {
        if (Count == _places.Length)
        {
            Array.Resize(ref _places, Count * 2);
            Array.Resize(ref _slots, Count * 2);
        }

        Array.Copy(_places, index, _places, index + 1, Count - index);
        Array.Copy(_slots, index, _slots, index + 1, Count - index);
        (_places[index], _slots[index]) = (place, slot);
        Count++;
    }

    /// <summary>The place of what is found, or the complement of where it belongs.</summary>
    private int IndexOf(int slot)
    {
        if (Count <= LookedThroughMax)
        {
            var index = HowManyBelow(slot);
            return index < Count && _slots[index] == slot ? index : ~index;
        }

        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _slots[middle];
            if (found == slot)
                return middle;
            if (found < slot)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>Of the first few slots.</summary>
    private int HowManyBelow(int slot)
    {
        var sought = Vector256.Create(slot);
        var below = 0;
        for (var first = 0; first < LookedThroughMax; first += Vector256<int>.Count)
            below += BitOperations.PopCount(Vector256.LessThan(Vector256.Create(_slots, first), sought).ExtractMostSignificantBits());
        return below;
    }

    /// <summary>A behavior: which working object is its own, or where it stands in the stored bytes, or both.</summary>
    private struct Place
    {
        public const int NotLoaded = -1;

        /// <summary>The slot of the behavior before it as they are stored: its own slot is stored as what it adds to that.</summary>
        public int SlotBefore;

        public int Start;
        public int BodyStart;

        /// <summary>0 where it is not stored.</summary>
        public int End;

        public int SizeAtMost;

        public int Working;

        public readonly Range Body => BodyStart..End;

        public readonly bool IsStored => End > 0;

        public readonly bool IsLoaded => Working != NotLoaded;
    }
}
