using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// What <c>memberships</c> says of the profiles of one partition of the deltas, now and at the last sync: rows of any of its
/// partitions, each folded in once and in order. It is only a cache. One thread uses it.
/// </summary>
/// <remarks>Keys sort all cohorts of a profile side by side: the length of the profile key, the profile key, the cohort id.</remarks>
internal sealed class PartitionMembers : IDisposable
{
    private readonly RowPartition[] _partitions;
    private byte[] _key = new byte[256];

    /// <param name="snapshots">Opens one for each partition of <c>memberships</c>.</param>
    /// <param name="partitions">How many these are.</param>
    /// <param name="last">Where the last sync ended; null: there was none, and nobody was a member.</param>
    public PartitionMembers(IMemberSnapshotFactory snapshots, int partitions, MembershipsCut? last) =>
        _partitions = [.. Enumerable.Range(0, partitions).Select(partition => new RowPartition(snapshots.Open(), last?.Ends[partition] ?? 0))];

    /// <summary>Where each partition is read next.</summary>
    public IEnumerable<long> Positions => _partitions.Select(partition => partition.Position);

    public bool IsAt(IReadOnlyList<long> ends)
    {
        for (var partition = 0; partition < _partitions.Length; partition++)
        {
            if (_partitions[partition].Position < ends[partition])
                return false;
        }

        return true;
    }

    /// <summary>Whether a row at this place is still to be folded in.</summary>
    public bool Awaits(int partition, long offset) => offset >= _partitions[partition].Position;

    /// <summary>Whether a row at this place was there at the last sync.</summary>
    public bool IsOfLast(int partition, long offset) => offset < _partitions[partition].LastEnd;

    /// <summary>A row, in which the profile is a member or is not.</summary>
    public void Apply(int partition, long offset, ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, bool isIn, ReadOnlySpan<byte> row) =>
        _partitions[partition].At(offset).Apply(Key(cohortId, profileKey), isIn, row, offset);

    /// <summary>A tombstone.</summary>
    public void Forget(int partition, long offset, ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey) =>
        _partitions[partition].At(offset).Forget(Key(cohortId, profileKey), offset);

    /// <summary>Everything before these positions was read, and folded in where it lies before these ends.</summary>
    public void MoveTo(IReadOnlyList<long> positions, IReadOnlyList<long> ends)
    {
        for (var partition = 0; partition < _partitions.Length; partition++)
            _partitions[partition].MoveTo(Math.Min(positions[partition], ends[partition]));
    }

    /// <summary>Everyone who is a member now or was at the last sync, in the order of keys. What is handed out is borrowed until the next.</summary>
    public IEnumerable<PartitionMember> InOrder()
    {
        var heads = new PriorityQueue<IEnumerator<SnapshotMember>, (ReadOnlyMemory<byte> Key, int Partition)>(ByKey.Instance);
        var opened = new List<IEnumerator<SnapshotMember>>();
        try
        {
            for (var partition = 0; partition < _partitions.Length; partition++)
            {
                opened.Add(_partitions[partition].Snapshot.InKeyOrder().GetEnumerator());
                if (opened[partition].MoveNext())
                    heads.Enqueue(opened[partition], (opened[partition].Current.Key, partition));
            }

            while (heads.TryDequeue(out var head, out var place))
            {
                yield return new(place.Partition, head.Current);
                if (head.MoveNext())
                    heads.Enqueue(head, (head.Current.Key, place.Partition));
            }
        }
        finally
        {
            opened.ForEach(one => one.Dispose());
        }
    }

    /// <summary>What is folded in was told: who is a member now is from here on who was at the last sync.</summary>
    public void MarkSynced()
    {
        foreach (var partition in _partitions)
            partition.MarkSynced();
    }

    public void Dispose()
    {
        foreach (var partition in _partitions)
            partition.Snapshot.Dispose();
    }

    private ReadOnlySpan<byte> Key(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey)
    {
        var length = MemberKey.HeadLength + profileKey.Length + cohortId.Length;
        if (_key.Length < length)
            _key = new byte[2 * length];
        MemberKey.Write(cohortId, profileKey, _key);
        return _key.AsSpan(0, length);
    }

    private sealed class ByKey : IComparer<(ReadOnlyMemory<byte> Key, int Partition)>
    {
        public static ByKey Instance { get; } = new();

        public int Compare((ReadOnlyMemory<byte> Key, int Partition) x, (ReadOnlyMemory<byte> Key, int Partition) y) => x.Key.Span.SequenceCompareTo(y.Key.Span);
    }

    /// <summary>One partition of <c>memberships</c>, as far as it was read.</summary>
    private sealed class RowPartition(IMemberSnapshot snapshot, long lastEnd)
    {
        private bool _isLastReached = lastEnd == 0;

        public IMemberSnapshot Snapshot { get; } = snapshot;

        public long Position { get; private set; }

        public long LastEnd { get; private set; } = lastEnd;

        /// <summary>The snapshot as a row at this place finds it.</summary>
        public IMemberSnapshot At(long offset)
        {
            MoveTo(offset);
            Position = offset + 1;
            return Snapshot;
        }

        public void MoveTo(long position)
        {
            Position = Math.Max(Position, position);
            if (_isLastReached || Position < LastEnd)
                return;
            Snapshot.MarkSynced();
            _isLastReached = true;
        }

        public void MarkSynced()
        {
            Snapshot.MarkSynced();
            (LastEnd, _isLastReached) = (Position, true);
        }
    }
}

/// <summary>A profile in a cohort. Borrowed until the next.</summary>
/// <param name="RowPartition">The partition of <c>memberships</c> that has its row.</param>
/// <param name="Member">Under the key of both.</param>
internal readonly record struct PartitionMember(int RowPartition, SnapshotMember Member)
{
    public ReadOnlySpan<byte> ProfileKey => MemberKey.ProfileKeyOf(Member.Key.Span);

    public ReadOnlySpan<byte> CohortId => MemberKey.CohortIdOf(Member.Key.Span);
}

/// <summary>A profile's and a cohort's key together. The length is two digits to the base of 255, none of them a NUL.</summary>
file static class MemberKey
{
    public const int HeadLength = 2;
    private const int Base = byte.MaxValue;

    public static void Write(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, Span<byte> key)
    {
        var (high, low) = Math.DivRem(profileKey.Length, Base);
        (key[0], key[1]) = (checked((byte)(high + 1)), (byte)(low + 1));
        profileKey.CopyTo(key[HeadLength..]);
        cohortId.CopyTo(key[(HeadLength + profileKey.Length)..]);
    }

    public static ReadOnlySpan<byte> ProfileKeyOf(ReadOnlySpan<byte> key) => key.Slice(HeadLength, LengthIn(key));

    public static ReadOnlySpan<byte> CohortIdOf(ReadOnlySpan<byte> key) => key[(HeadLength + LengthIn(key))..];

    private static int LengthIn(ReadOnlySpan<byte> key) => ((key[0] - 1) * Base) + key[1] - 1;
}
