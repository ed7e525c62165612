namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// What one profile remembers of one behavior: the newest matching events in range, oldest first, each with 32 bits of a hash
/// of its type and insert id. A working object of its profile: how many there are, the oldest time and the next flip are read
/// at once, the events themselves when somebody asks for them.
/// </summary>
public sealed partial class RememberedEvents
{
    /// <summary>Stands for an event without an insert id.</summary>
    public const uint NoInsertId = 0;

    private long[] _times = new long[4];
    private uint[] _hashes = new uint[4];
    private bool _isApproximate;

    internal RememberedEvents()
    {
    }

    /// <summary>The behavior's slot in the plan.</summary>
    public int Slot { get; private set; }

    public int Count { get; private set; }

    /// <summary>Events that the behavior needs were dropped to keep the profile in its bounds.</summary>
    public bool IsApproximate
    {
        get => _isApproximate;
        set
        {
            HasChanged |= value != _isApproximate;
            _isApproximate = value;
        }
    }

    /// <summary>Times in epoch milliseconds, ascending; equal ones in the order they arrived in.</summary>
    public ReadOnlySpan<long> Times
    {
        get
        {
            ReadEvents();
            return _times.AsSpan(0, Count);
        }
    }

    /// <summary>Of the event at the same place; <see cref="NoInsertId"/> for none.</summary>
    public ReadOnlySpan<uint> Hashes
    {
        get
        {
            ReadEvents();
            return _hashes.AsSpan(0, Count);
        }
    }

    /// <summary>Time of the oldest event, where there is one.</summary>
    internal long Oldest => _times[0];

    /// <summary>How many there were when the step began.</summary>
    internal int CountBefore { get; set; }

    /// <summary>Something is another than what was stored.</summary>
    internal bool HasChanged { get; private set; }

    /// <summary>Earliest instant at which time alone crosses a bound of the behavior; <see cref="Profile.NoTimer"/> for none. Holds until something changes.</summary>
    internal long NextFlip { get; private set; }

    /// <summary>Adds an event that is not older than those there.</summary>
    public void Append(long time, uint hash)
    {
        ReadEvents();
        InsertAt(Count, time, hash);
    }

    /// <summary>Drops the oldest events.</summary>
    public void DropOldest(int count)
    {
        ReadEvents();
        Count -= count;
        Array.Copy(_times, count, _times, 0, Count);
        Array.Copy(_hashes, count, _hashes, 0, Count);
        HasChanged = true;
    }

    internal void Clear(int slot)
    {
        ForgetStored();
        Slot = slot;
        Count = 0;
        CountBefore = 0;
        _isApproximate = false;
        NextFlip = Profile.NoTimer;
        HasChanged = true;
    }

    internal void SetNextFlip(long instant)
    {
        HasChanged |= instant != NextFlip;
        NextFlip = instant;
    }

    /// <summary>Drops the events that the range has slid past: those at <paramref name="before"/> or earlier.</summary>
    internal void DropUntil(long before)
    {
        if (Count == 0 || Oldest > before)
            return;
        ReadEvents();
        var gone = 1;
        while (gone < Count && _times[gone] <= before)
            gone++;
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
        ReadEvents();
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
        HasChanged = true;
        return true;
    }

    private void InsertAt(int place, long time, uint hash)
    {
        Reserve(Count + 1);
        Array.Copy(_times, place, _times, place + 1, Count - place);
        Array.Copy(_hashes, place, _hashes, place + 1, Count - place);
        _times[place] = time;
        _hashes[place] = hash;
        Count++;
        HasChanged = true;
    }

    private void Reserve(int count)
    {
        if (count <= _times.Length)
            return;
        var capacity = Math.Max(count, _times.Length * 2);
        Array.Resize(ref _times, capacity);
        Array.Resize(ref _hashes, capacity);
    }
}
