namespace CohortPipeline.State;

/// <summary>
/// Asks for the memory of profiles some records before they are applied: where a profile lies is known from its key, and a
/// fetch from memory takes as long as a fifth of a step. It is asked for in the three places that lead to it, each a few
/// records after the one before.
/// </summary>
public sealed class ProfileLookahead
{
    /// <summary>How many records can be seen before they are taken.</summary>
    public const int SeenMax = 16;

    private const int EntriesAhead = 10;
    private const int BytesAhead = 5;

    private readonly Sight[] _sights = new Sight[SeenMax];
    private int _taken;
    private int _seen;
    private int _entries;
    private int _bytes;

    /// <summary>No more can be seen before one is taken.</summary>
    public bool IsFull => _seen - _taken == SeenMax;

    /// <summary>Forgets what was seen, and the stores it was seen in: partitions may go away.</summary>
    public void Clear()
    {
        _taken = _seen = _entries = _bytes = 0;
        Array.Clear(_sights);
    }

    /// <summary>Sees the key of the record after those that were seen, whose profile is in that store.</summary>
    public void See(ProfileStore store, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(store);
        var hash = ProfileStore.HashOf(key);
        store.PrefetchSlot(hash);
        _sights[_seen++ % SeenMax] = new(store, hash, Entry: -1);
    }

    /// <summary>The hash of the next record's key, and a look at those behind it.</summary>
    public int Take()
    {
        for (; _entries < Math.Min(_seen, _taken + EntriesAhead); _entries++)
        {
            ref var sight = ref _sights[_entries % SeenMax];
            sight.Entry = sight.Store.PrefetchEntryOf(sight.Hash);
        }

        for (; _bytes < Math.Min(_seen, _taken + BytesAhead); _bytes++)
        {
            ref readonly var sight = ref _sights[_bytes % SeenMax];
            if (sight.Entry >= 0)
                sight.Store.PrefetchProfile(sight.Entry);
        }

        return _sights[_taken++ % SeenMax].Hash;
    }

    private record struct Sight(ProfileStore Store, int Hash, int Entry);
}
