using CohortPipeline.Log;
using CohortPipeline.State;

namespace CohortPipeline.Evaluator;

/// <summary>
/// Looks at the records of a batch before they are applied: where a profile lies in memory is known from its key, and a fetch
/// from memory takes as long as a fifth of a step. So it is asked for some records ahead, in the three places that lead to it.
/// </summary>
internal sealed class ProfileLookahead
{
    internal const int SlotAhead = 16;
    internal const int EntryAhead = 10;
    internal const int BytesAhead = 5;

    /// <summary>A power of two above <see cref="SlotAhead"/>.</summary>
    private const int HashesKept = 32;

    private readonly Sight[] _sights = new Sight[HashesKept];

    /// <summary>Begins a batch, or goes on with it at a record.</summary>
    public void Begin(ReadOnlySpan<LogRecord> records, int first, PartitionTable partitions)
    {
        for (var index = first - SlotAhead; index < first; index++)
            Look(records, index, partitions);
    }

    /// <summary>The hash of the key of the record at <paramref name="index"/>, which is about to be applied; and a look at those behind it.</summary>
    public int Next(ReadOnlySpan<LogRecord> records, int index, PartitionTable partitions)
    {
        Look(records, index, partitions);
        return _sights[index % HashesKept].Hash;
    }

    private void Look(ReadOnlySpan<LogRecord> records, int index, PartitionTable partitions)
    {
        if ((uint)(index + SlotAhead) < (uint)records.Length)
        {
            ref readonly var record = ref records[index + SlotAhead];
            var sight = new Sight(partitions[record.Partition].Store, ProfileStore.HashOf(record.Key));
            sight.Store.PrefetchSlot(sight.Hash);
            _sights[(index + SlotAhead) % HashesKept] = sight;
        }

        if ((uint)(index + EntryAhead) < (uint)records.Length)
        {
            ref readonly var sight = ref _sights[(index + EntryAhead) % HashesKept];
            sight.Store.PrefetchEntry(sight.Hash);
        }

        if ((uint)(index + BytesAhead) < (uint)records.Length)
        {
            ref readonly var sight = ref _sights[(index + BytesAhead) % HashesKept];
            sight.Store.PrefetchBytes(sight.Hash);
        }
    }

    private readonly record struct Sight(ProfileStore Store, int Hash);
}
