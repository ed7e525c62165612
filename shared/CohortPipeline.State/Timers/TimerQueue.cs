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
    /// <summary>So many at once that their memory is there when it is looked at, and not so many that it is gone again.</summary>
    public const int UsuallyTaken = 16;

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

    /// <summary>Takes the next profiles to look at before <paramref name="limit"/> (exclusive), as many as there is room for, and asks for their memory. The caller looks at each profile's own timer, and arms it again.</summary>
    /// <returns>How many; 0 where none is due.</returns>
    public int Take(long limit, Span<int> entries)
    {
        Span<long> dues = stackalloc long[entries.Length];
        var taken = 0;
        do
        {
            var seen = 0;
            for (; seen < entries.Length && _queue.TryPeek(out var entry, out var due) && due < limit; seen++)
            {
                _queue.Dequeue();
                (entries[seen], dues[seen]) = (entry, due);
                store.PrefetchEntry(entry);
            }

            if (seen == 0)
                return 0;
            for (var i = 0; i < seen; i++)
            {
                ref var armed = ref store.Armed(entries[i]);
                if (armed != dues[i])
                    continue;
                armed = long.MaxValue;
                store.PrefetchProfile(entries[i]);
                entries[taken++] = entries[i];
            }
        }
        while (taken == 0);
        return taken;
    }
}
