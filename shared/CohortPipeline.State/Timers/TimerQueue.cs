using System.Runtime.CompilerServices;

namespace CohortPipeline.State;

/// <summary>
/// The timers of one partition: for each profile an instant before which nothing flips by time alone. The profile's own
/// bytes hold its timer; the queue only says when to look, so it may be early for a profile and never late.
/// </summary>
/// <remarks>
/// A profile is looked at for the instant that it is armed at, and for no other. A timer that moves later leaves it there, and
/// the look at that instant arms the later one: so a busy user costs one place in the queue, not one an event. One that moves
/// earlier takes another place, and what it leaves is stale. Once most of the queue is stale, another one is filled with what
/// profiles are armed at, a few of them each time that one is armed: no record waits for it.
/// </remarks>
public sealed class TimerQueue(ProfileStore store)
{
    /// <summary>So many at once that their memory is there when it is looked at, and not so many that it is gone again.</summary>
    public const int TakenAtOnce = 16;

    private const int StaleMin = 1024;
    private const int RefilledAtOnce = 4;

    private PriorityQueue<int, long> _queue = new();

    /// <summary>What takes the queue's place once it has all that profiles are armed at; null where none is filled.</summary>
    private PriorityQueue<int, long>? _fresh;

    /// <summary>So many profiles were looked at for it.</summary>
    private int _refilled;

    /// <summary>Profiles that are armed.</summary>
    public int Count { get; private set; }

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => (long)(_queue.Capacity + (_fresh?.Capacity ?? 0)) * Unsafe.SizeOf<(int, long)>();

    /// <summary>Makes sure that the profile is looked at no later than <paramref name="due"/> (<see cref="long.MaxValue"/>: it has no timer).</summary>
    public void Arm(int entry, long due)
    {
        ref var armed = ref store.Armed(entry);
        if (due >= armed)
            return;
        if (armed == long.MaxValue)
            Count++;
        armed = due;
        (_fresh ?? _queue).Enqueue(entry, due);
        if (_fresh is not null || _queue.Count > StaleMin + (2L * store.EntryCount))
            Refill();
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
            for (; seen < entries.Length && TryDequeue(limit, out entries[seen], out dues[seen]); seen++)
                store.PrefetchEntry(entries[seen]);
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
        Count -= taken;
        return taken;
    }

    private bool TryDequeue(long limit, out int entry, out long due)
    {
        var first = _queue;
        if (_fresh is not null && _fresh.TryPeek(out _, out var freshDue) && !(_queue.TryPeek(out _, out var oldDue) && oldDue <= freshDue))
            first = _fresh;
        if (!first.TryPeek(out entry, out due) || due >= limit)
            return false;
        first.Dequeue();
        return true;
    }

    private void Refill()
    {
        if (_fresh is null)
            (_fresh, _refilled) = (new(), 0);
        for (var end = Math.Min(_refilled + RefilledAtOnce, store.EntryCount); _refilled < end; _refilled++)
        {
            if (store.Armed(_refilled) is not long.MaxValue and var due)
                _fresh.Enqueue(_refilled, due);
        }

        if (_refilled == store.EntryCount)
            (_queue, _fresh) = (_fresh, null);
    }
}
