namespace CohortPipeline.Rules.Profiles;

/// <summary>What one profile remembers of one behavior: the newest matching events in range, oldest first, each with 32 bits of a hash of its type and insert id. A working object of its profile.</summary>
public sealed class RememberedEvents
{
    /// <summary>Stands for an event without an insert id.</summary>
    public const uint NoInsertId = 0;

    private long[] _times = new long[4];
    private uint[] _hashes = new uint[4];

    internal RememberedEvents()
    {
    }

    /// <summary>The behavior's slot in the plan.</summary>
    public int Slot { get; internal set; }

    public int Count { get; private set; }

    /// <summary>Events that the behavior needs were dropped to keep the profile in its bounds.</summary>
    public bool IsApproximate { get; set; }

    /// <summary>Times in epoch milliseconds, ascending; equal ones in the order they arrived in.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    /// <summary>Of the event at the same place; <see cref="NoInsertId"/> for none.</summary>
    public ReadOnlySpan<uint> Hashes => _hashes.AsSpan(0, Count);

    /// <summary>How many there were when the step began.</summary>
    internal int CountBefore { get; set; }

    /// <summary>Adds an event that is not older than those there, as when a stored profile is read back.</summary>
    public void Append(long time, uint hash)
    {
        if (Count == _times.Length)
            Grow();
        _times[Count] = time;
        _hashes[Count] = hash;
        Count++;
    }

    /// <summary>Drops the oldest events.</summary>
    public void DropOldest(int count)
    {
        Count -= count;
        Array.Copy(_times, count, _times, 0, Count);
        Array.Copy(_hashes, count, _hashes, 0, Count);
    }

    internal void Clear(int slot)
    {
        Slot = slot;
        Count = 0;
        CountBefore = 0;
        IsApproximate = false;
    }

    /// <summary>Drops the events that the range has slid past: those at <paramref name="before"/> or earlier.</summary>
    internal void DropUntil(long before)
    {
        var gone = 0;
        while (gone < Count && _times[gone] <= before)
            gone++;
        if (gone > 0)
            DropOldest(gone);
    }

    /// <summary>Whether the event is remembered: the same type and insert id, and the same time if it came with one.</summary>
    internal bool Has(uint hash, long time, bool hasOwnTime)
    {
        if (hash == NoInsertId || !Hashes.Contains(hash))
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (_hashes[i] == hash && (!hasOwnTime || _times[i] == time))
                return true;
        }

        return false;
    }

    /// <summary>Puts an event where it belongs and keeps the <paramref name="max"/> newest. False if it is older than all of these.</summary>
    internal bool Insert(long time, uint hash, int max)
    {
        var place = Count;
        while (place > 0 && _times[place - 1] > time)
            place--;
        if (Count < max)
        {
            InsertAt(place, time, hash);
            return true;
        }

        if (place == 0)
            return false;
        Array.Copy(_times, 1, _times, 0, place - 1);
        Array.Copy(_hashes, 1, _hashes, 0, place - 1);
        _times[place - 1] = time;
        _hashes[place - 1] = hash;
        return true;
    }

    private void InsertAt(int place, long time, uint hash)
    {
        if (Count == _times.Length)
            Grow();
        Array.Copy(_times, place, _times, place + 1, Count - place);
        Array.Copy(_hashes, place, _hashes, place + 1, Count - place);
        _times[place] = time;
        _hashes[place] = hash;
        Count++;
    }

    private void Grow()
    {
        Array.Resize(ref _times, Count * 2);
        Array.Resize(ref _hashes, Count * 2);
    }
}
