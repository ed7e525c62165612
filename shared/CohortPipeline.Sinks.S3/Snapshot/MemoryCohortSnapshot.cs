using System.Diagnostics.CodeAnalysis;

namespace CohortPipeline.Sinks.S3.Snapshot;

/// <summary>A snapshot in memory: it is as large as its cohort, and built again at every start.</summary>
public sealed class MemoryCohortSnapshot : ICohortSnapshot
{
    private readonly Dictionary<byte[], Entry> _entries = new(OrdinalBytes.Instance);
    private readonly Dictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    public MemoryCohortSnapshot() => _byKey = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();

    public SnapshotCounts Counts { get; private set; }

    public void Apply(ReadOnlySpan<byte> profileKey, bool isIn, ReadOnlySpan<byte> row, long offset)
    {
        if (_byKey.TryGetValue(profileKey, out var entry))
        {
            entry.Row = row.ToArray();
            entry.RowOffset = offset;
            Change(profileKey, entry, isIn);
        }
        else if (isIn)
        {
            entry = new() { Row = row.ToArray(), RowOffset = offset };
            _byKey[profileKey] = entry;
            Change(profileKey, entry, isIn);
        }
    }

    public void Forget(ReadOnlySpan<byte> profileKey)
    {
        if (_byKey.TryGetValue(profileKey, out var entry))
            Change(profileKey, entry, isMember: false);
    }

    public IEnumerable<SnapshotMember> InKeyOrder()
    {
        var keys = _entries.Keys.ToArray();
        Array.Sort(keys, OrdinalBytes.Instance);
        foreach (var key in keys)
        {
            var entry = _entries[key];
            yield return new(key, entry.Row, entry.RowOffset, entry.IsMember, entry.WasMember);
        }
    }

    public void MarkSynced()
    {
        foreach (var (key, entry) in _entries)
        {
            entry.WasMember = entry.IsMember;
            if (!entry.IsMember)
                _entries.Remove(key);
        }

        Counts = new(Existing: Counts.Members, Entering: 0, Exiting: 0);
    }

    public void Dispose()
    {
    }

    private void Change(ReadOnlySpan<byte> profileKey, Entry entry, bool isMember)
    {
        Counts = entry.WasMember
            ? Counts with { Exiting = Counts.Exiting + One(!isMember) - One(!entry.IsMember) }
            : Counts with { Entering = Counts.Entering + One(isMember) - One(entry.IsMember) };
        entry.IsMember = isMember;
        if (!isMember && !entry.WasMember)
            _byKey.Remove(profileKey);
    }

    private static int One(bool counts) => counts ? 1 : 0;

    private sealed class Entry
    {
        public required byte[] Row;
        public required long RowOffset;
        public bool IsMember;
        public bool WasMember;
    }

    /// <summary>Byte strings by content, ordered as unsigned bytes.</summary>
    private sealed class OrdinalBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>, IComparer<byte[]>
    {
        public static readonly OrdinalBytes Instance = new();

        public int Compare(byte[]? left, byte[]? right) => left.AsSpan().SequenceCompareTo(right);

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode([DisallowNull] byte[] key) => GetHashCode(key.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> key) => key.ToArray();

        public bool Equals(ReadOnlySpan<byte> span, byte[] key) => span.SequenceEqual(key);

        public int GetHashCode(ReadOnlySpan<byte> key)
        {
            var hash = new HashCode();
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}

/// <summary>Opens snapshots in memory.</summary>
public sealed class MemoryCohortSnapshots : ICohortSnapshotFactory
{
    public ICohortSnapshot Open(string cohortId) => new MemoryCohortSnapshot();
}
