using CohortPipeline.Rules.Behaviors.Memories;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Rules.Profiles;

/// <summary>What is remembered of an event beside its time and hash.</summary>
public enum RememberedValue
{
    None,

    /// <summary>64 bits that stand for a value.</summary>
    Hash,

    /// <summary>A number in billionths.</summary>
    Number,

    /// <summary>The steps of a sequence that it can stand for, as bits.</summary>
    Steps,
}

/// <summary>
/// What one profile remembers of one behavior: events, oldest first, each with 32 bits of a hash of its type and insert id
/// and perhaps a value; which ones is the business of the behavior's <see cref="EventMemory"/>. A working object of its
/// profile.
/// </summary>
public sealed partial class RememberedEvents
{
    /// <summary>Stands for an event without an insert id.</summary>
    public const uint NoInsertId = 0;

    private long[] _times = new long[2 * FewMax];
    private uint[] _hashes = new uint[2 * FewMax];
    private Int128[] _values = [];

    /// <summary>Where the oldest event stands: those before it are forgotten.</summary>
    private int _first;

    private bool _isApproximate;
    private Tally _folded;
    private int _countBefore;
    private Tally _numbersBefore;

    internal RememberedEvents()
    {
    }

    /// <summary>The behavior's slot in the plan.</summary>
    public int Slot { get; private set; }

    public int Count { get; private set; }

    public RememberedValue Value { get; private set; }

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
    public ReadOnlySpan<long> Times => _times.AsSpan(_first, Count);

    /// <summary>Of the event at the same place; <see cref="NoInsertId"/> for none.</summary>
    public ReadOnlySpan<uint> Hashes => _hashes.AsSpan(_first, Count);

    /// <summary>Of the event at the same place; empty where none are kept.</summary>
    public ReadOnlySpan<Int128> Values => Value == RememberedValue.None ? [] : _values.AsSpan(_first, Count);

    /// <summary>The behavior's kind in the plan at hand, once somebody looked for it.</summary>
    internal BehaviorKind? Kind { get; set; }

    /// <summary>Time of the oldest event, where there is one.</summary>
    internal long Oldest => _times[_first];

    /// <summary>Nothing is remembered that could count.</summary>
    internal bool IsEmpty => Count == 0 && _folded.Count == 0;

    /// <summary>Something is another than what was stored.</summary>
    internal bool HasChanged { get; private set; }

    /// <summary>Something was remembered or forgotten since <see cref="BeginStep"/>.</summary>
    internal bool IsTouched { get; private set; }

    /// <summary>What there was when the step began.</summary>
    internal Tally TallyBefore => !IsTouched ? Tally : Value == RememberedValue.Number ? _numbersBefore : Tally.OfCount(_countBefore);

    /// <summary>How many there were when the step began.</summary>
    internal int CountBefore => IsTouched ? _countBefore : Count;

    internal Tally Tally
    {
        get
        {
            if (Value != RememberedValue.Number)
                return Tally.OfCount(Count);
            var tally = _folded;
            foreach (var value in Values)
                tally = tally.And(Tally.Of(value));
            return tally;
        }
    }

    /// <summary>Adds an event where its time belongs, behind those of the same time.</summary>
    public void Insert(long time, uint hash, Int128 value = default)
    {
        BeginChange();
        var place = PlaceOf(time);
        Reserve(Count + 1);
        Move(place, place + 1, Count - place);
        Count++;
        Set(place, time, hash, value);
    }

    /// <summary>Drops the oldest events.</summary>
    public void DropOldest(int count)
    {
        BeginChange();
        _first += count;
        Count -= count;
    }

    /// <summary>Drops the oldest event and adds one that is not older.</summary>
    internal void ReplaceOldest(long time, uint hash, Int128 value = default)
    {
        DropOldest(1);
        Insert(time, hash, value);
    }

    /// <summary>The plan may be another than that of the step before.</summary>
    internal void BeginStep() => (IsTouched, Kind) = (false, null);

    internal void Clear(int slot, RememberedValue value)
    {
        Slot = slot;
        Value = value;
        Kind = null;
        (_first, Count) = (0, 0);
        _folded = default;
        (_countBefore, _numbersBefore) = (0, default);
        _isApproximate = false;
        HasChanged = true;
        IsTouched = true;
    }

    /// <summary>The place behind the last event that is not later.</summary>
    internal int PlaceOf(long time)
    {
        var place = Count;
        while (place > 0 && _times[_first + place - 1] > time)
            place--;
        return place;
    }

    internal void Replace(int place, long time, uint hash)
    {
        BeginChange();
        Set(place, time, hash, 0);
    }

    internal void RemoveAt(int place)
    {
        BeginChange();
        Count--;
        Move(place + 1, place, Count - place);
    }

    /// <summary>Keeps of the oldest event only what it adds to totals.</summary>
    internal void FoldOldest()
    {
        Fold(Tally.Of(Values[0]));
        DropOldest(1);
    }

    /// <summary>Adds to totals what is not remembered event by event.</summary>
    internal void Fold(in Tally tally)
    {
        BeginChange();
        _folded = _folded.And(tally);
    }

    /// <summary>Drops the events before a time.</summary>
    internal void DropBefore(long first)
    {
        var gone = 0;
        var times = Times;
        while (gone < times.Length && times[gone] < first)
            gone++;
        if (gone > 0)
            DropOldest(gone);
    }

    /// <summary>Whether the event is remembered: the same type and insert id, and the same time if it came with one.</summary>
    internal bool Has(uint hash, long time, bool hasOwnTime)
    {
        var isNewest = Count == 0 || time > Times[^1];
        if (hash == NoInsertId || (hasOwnTime && isNewest) || !Hashes.Contains(hash))
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (Hashes[i] == hash && (!hasOwnTime || Times[i] == time))
                return true;
        }

        return false;
    }

    private void BeginChange()
    {
        if (!IsTouched)
        {
            _countBefore = Count;
            if (Value == RememberedValue.Number)
                _numbersBefore = Tally;
        }

        IsTouched = true;
        HasChanged = true;
    }

    private void Move(int from, int to, int count)
    {
        if (count <= 0)
            return;
        _times.AsSpan(_first + from, count).CopyTo(_times.AsSpan(_first + to));
        _hashes.AsSpan(_first + from, count).CopyTo(_hashes.AsSpan(_first + to));
        if (Value != RememberedValue.None)
            _values.AsSpan(_first + from, count).CopyTo(_values.AsSpan(_first + to));
    }

    private void Set(int place, long time, uint hash, Int128 value)
    {
        _times[_first + place] = time;
        _hashes[_first + place] = hash;
        if (Value != RememberedValue.None)
            _values[_first + place] = value;
    }

    /// <summary>Makes room for so many events, or for as many as are read and written at once.</summary>
    private void Reserve(int count)
    {
        if (_first + Math.Max(count, FewMax) > _times.Length)
        {
            MoveToFront();
            if (count > _times.Length)
            {
                Array.Resize(ref _times, Math.Max(count, _times.Length * 2));
                Array.Resize(ref _hashes, _times.Length);
            }
        }

        if (Value != RememberedValue.None && _values.Length < _times.Length)
            Array.Resize(ref _values, _times.Length);
    }

    private void MoveToFront()
    {
        Times.CopyTo(_times);
        Hashes.CopyTo(_hashes);
        Values.CopyTo(_values);
        _first = 0;
    }
}
