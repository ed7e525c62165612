using System.Diagnostics.CodeAnalysis;
using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.TestKit.Proof;

/// <summary>A snapshot in memory, as plain as can be: what the stored one is held against.</summary>
public sealed class MemoryMemberSnapshot : IMemberSnapshot
{
    private readonly Dictionary<byte[], Entry> _entries = new(OrdinalBytes.Instance);
    private readonly Dictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    public MemoryMemberSnapshot() => _byKey = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();

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

    public void Forget(ReadOnlySpan<byte> profileKey, long offset)
    {
        if (_byKey.TryGetValue(profileKey, out var entry))
            Change(profileKey, entry, isMember: false);
    }

    public bool HasChanges() => _entries.Values.Any(entry => entry.IsMember != entry.WasMember);

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
    }

    public void Dispose()
    {
    }

    private void Change(ReadOnlySpan<byte> profileKey, Entry entry, bool isMember)
    {
        entry.IsMember = isMember;
        if (!isMember && !entry.WasMember)
            _byKey.Remove(profileKey);
    }

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
public sealed class MemoryMemberSnapshots : IMemberSnapshotFactory
{
    public static MemoryMemberSnapshots Instance { get; } = new();

    public IMemberSnapshot Open() => new MemoryMemberSnapshot();
}
