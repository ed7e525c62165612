namespace CohortPipeline.Rules.Values;

/// <summary>
/// Numbers, each once, in the order in which they came. Its memory is as large as the most numbers there were, whatever
/// numbers they are: so it stays near, where marks by number would lie as far apart as the numbers do.
/// </summary>
internal sealed class DistinctNumbers
{
    private const int FirstSlots = 32;
    private const uint Spread = 0x9E3779B1;

    private Slot[] _slots = new Slot[FirstSlots];
    private long _round = 1;

    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        _round++;
    }

    /// <summary>Adds a number if it is not there yet.</summary>
    /// <param name="place">How many came before it.</param>
    /// <returns>Whether it was not there.</returns>
    public bool Add(int number, out int place)
    {
        if (Count * 2 == _slots.Length)
            Grow();
        ref var slot = ref SlotOf(number);
        var isNew = slot.Round != _round;
        if (isNew)
            slot = new(_round, number, Count++);
        place = slot.Place;
        return isNew;
    }

    private ref Slot SlotOf(int number)
    {
        var mask = _slots.Length - 1;
        for (var index = (int)(((uint)number * Spread) >> 8) & mask; ; index = (index + 1) & mask)
        {
            ref var slot = ref _slots[index];
            if (slot.Round != _round || slot.Number == number)
                return ref slot;
        }
    }

    private void Grow()
    {
        var before = _slots;
        _slots = new Slot[before.Length * 2];
        foreach (var slot in before)
        {
            if (slot.Round == _round)
                SlotOf(slot.Number) = slot;
        }
    }

    /// <param name="Round">Of an earlier round the slot is free.</param>
    private readonly record struct Slot(long Round, int Number, int Place);
}
