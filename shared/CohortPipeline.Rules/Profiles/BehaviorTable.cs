using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// What a profile remembers, by behavior, in the order of their slots. Stored behaviors are found without being read: each
/// tells its length. One that is asked for is read into a working object; the others are copied when the profile is
/// written again. So an event costs the behaviors that it touches, not those that its user's profile holds.
/// </summary>
internal sealed class BehaviorTable
{
    /// <summary>So few are looked through sooner than searched: a search goes where no processor foresees it.</summary>
    private const int LookedThroughMax = 16;

    /// <summary>Working objects, kept and used again; the first ones are those of the profile at hand.</summary>
    private RememberedEvents[] _working = [new()];

    private int _loadedCount;
    private Place[] _places = new Place[8];
    private byte[] _stored = [];
    private long _timesFrom;
    private int _start;

    /// <summary>How many there are in the stored bytes; -1 where others are now.</summary>
    private int _storedCount;

    public int Count { get; private set; }

    /// <summary>Those that somebody asked for since the profile was read, in any order.</summary>
    public ReadOnlySpan<RememberedEvents> Loaded => _working.AsSpan(0, _loadedCount);

    /// <summary>Bytes that the behaviors nobody asked for take as they are stored: each of their events takes one at least.</summary>
    public int UnreadBytes { get; private set; }

    public RememberedEvents At(int index)
    {
        ref var place = ref _places[index];
        return place.IsLoaded ? _working[place.Working] : Load(ref place);
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
        Insert(~index, new() { Slot = slot, Working = working });
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
    }

    public void Clear()
    {
        _loadedCount = 0;
        Count = _storedCount = 0;
        UnreadBytes = 0;
    }

    /// <summary>Finds the behaviors that are stored from where the reader reads to its end, which is in <paramref name="stored"/>.</summary>
    /// <param name="timesFrom">What times are stored from.</param>
    public void ReadStored(ref ByteReader reader, byte[] stored, long timesFrom)
    {
        (_stored, _timesFrom) = (stored, timesFrom);
        var count = reader.Count();
        if (_places.Length < count)
            _places = new Place[Math.Max(count, _places.Length * 2)];
        _start = reader.Position;
        var slot = 0;
        for (var index = 0; index < count; index++)
        {
            var (slotBefore, start) = (slot, reader.Position);
            slot += reader.Count();
            var bodyStart = reader.Position;
            RememberedEvents.Skip(ref reader);
            ref var place = ref _places[index];
            (place.Slot, place.SlotBefore, place.Start) = (slot, slotBefore, start);
            (place.BodyStart, place.End) = (bodyStart, reader.Position);
            place.Working = Place.NotLoaded;
        }

        UnreadBytes = reader.Position - _start;
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
        foreach (ref readonly var place in _places.AsSpan(0, Count))
        {
            if (place.IsLoaded && _working[place.Working] is { HasChanged: true } changed && !(place.IsStored && changed.TryWriteOver(_stored.AsSpan(place.Body), _timesFrom)))
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
        foreach (ref readonly var place in _places.AsSpan(0, Count))
        {
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
                writer.Varint((ulong)(place.Slot - slot));
                if (isAsStored)
                    writer.Raw(_stored.AsSpan(place.Body));
                else
                    _working[place.Working].WriteStored(writer, timesFrom);
            }

            slot = place.Slot;
        }

        writer.Raw(_stored.AsSpan(copyFrom..copyTo));
    }

    private RememberedEvents Load(ref Place place)
    {
        var events = TakeWorking(out place.Working);
        var body = _stored.AsSpan(place.Body);
        events.ReadStored(place.Slot, body, _timesFrom);
        UnreadBytes -= body.Length;
        return events;
    }

    private RememberedEvents TakeWorking(out int working)
    {
        if (_loadedCount == _working.Length)
        {
            Array.Resize(ref _working, _loadedCount * 2);
            for (var added = _loadedCount; added < _working.Length; added++)
                _working[added] = new();
        }

        working = _loadedCount++;
        return _working[working];
    }

    private void Insert(int index, in Place place)
    {
        if (Count == _places.Length)
            Array.Resize(ref _places, Count * 2);
        Array.Copy(_places, index, _places, index + 1, Count - index);
        _places[index] = place;
        Count++;
    }

    /// <summary>The place of what is found, or the complement of where it belongs.</summary>
    private int IndexOf(int slot)
    {
        if (Count <= LookedThroughMax)
        {
            var index = 0;
            while (index < Count && _places[index].Slot < slot)
                index++;
            return index < Count && _places[index].Slot == slot ? index : ~index;
        }

        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _places[middle].Slot;
            if (found == slot)
                return middle;
            if (found < slot)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>A behavior: which working object is its own, or where it stands in the stored bytes, or both.</summary>
    private struct Place
    {
        public const int NotLoaded = -1;

        public int Slot;

        /// <summary>Of the behavior before it as they are stored: its own slot is stored as what it adds to that.</summary>
        public int SlotBefore;

        public int Start;
        public int BodyStart;

        /// <summary>0 where it is not stored.</summary>
        public int End;

        public int Working;

        public readonly Range Body => BodyStart..End;

        public readonly bool IsStored => End > 0;

        public readonly bool IsLoaded => Working != NotLoaded;
    }
}
