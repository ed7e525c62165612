namespace CohortPipeline.State;

/// <summary>
/// The timers of one partition: for each profile an instant before which nothing flips by time alone. The profile's own
/// bytes hold its timer; the queue only says when to look, so it may be early for a profile and never late.
/// </summary>
/// <remarks>
/// A profile is in the queue once for the instant it is armed at. A timer that moves later leaves the entry, and the look
/// at that instant arms the later one: so a busy user costs one entry, not one an event.
/// </remarks>
public sealed class TimerQueue(ProfileStore store)
{
    private readonly PriorityQueue<int, long> _queue = new();

    public int Count => _queue.Count;

    /// <summary>Makes sure that the profile is looked at no later than <paramref name="due"/> (<see cref="long.MaxValue"/>: it has no timer).</summary>
    public void Arm(int entry, long due)
    {
        ref var armed = ref store.Armed(entry);
        if (due >= armed)
            return;
        armed = due;
        _queue.Enqueue(entry, due);
    }

    /// <summary>Takes the next profile to look at before <paramref name="limit"/> (exclusive). The caller looks at the profile's own timer, and arms it again.</summary>
    public bool TryTake(long limit, out int entry)
    {
        while (_queue.TryPeek(out entry, out var due) && due < limit)
        {
            _queue.Dequeue();
            ref var armed = ref store.Armed(entry);
            if (armed != due)
                continue;
            armed = long.MaxValue;
            return true;
        }

        return false;
    }
}
