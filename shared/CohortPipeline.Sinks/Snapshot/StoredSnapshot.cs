using System.Buffers.Binary;
using RocksDbSharp;

namespace CohortPipeline.Sinks.Snapshot;

/// <summary>
/// A cohort's snapshot in the <see cref="SnapshotStore"/>. Every row is put as it comes, under its profile's key and its
/// offset, without looking at what is there: a profile's versions lie side by side, in order. The newest version tells
/// whether it is a member now, the newest before the last sync's end whether it was one then. Versions that say neither are
/// deleted by whoever reads past them.
/// </summary>
internal sealed class StoredSnapshot(SnapshotStore store, uint id) : IMemberSnapshot
{
    private readonly SnapshotKeys _keys = new(id);
    private byte[] _value = [];
    private long _base;
    private long _end;
    private bool _hasMarks;
    private bool? _hasChanges = false;

    private enum Version : byte
    {
        Out,
        In,
        Forgotten,
    }

    public void Apply(ReadOnlySpan<byte> profileKey, bool isIn, ReadOnlySpan<byte> row, long offset) =>
        Put(profileKey, isIn ? Version.In : Version.Out, row, offset);

    public void Forget(ReadOnlySpan<byte> profileKey, long offset) => Put(profileKey, Version.Forgotten, [], offset);

    public bool HasChanges() => _hasChanges ??= _base == 0 ? InKeyOrder().Any(member => member.IsMember) : AnyMarkedHasChanged();

    public IEnumerable<SnapshotMember> InKeyOrder()
    {
        using var versions = store.Read();
        var profile = new ProfileVersions(_base);
        for (versions.Seek(_keys.Versions); store.IsAt(versions, _keys.Versions);)
        {
            if (Take(versions, profile) is { } member)
                yield return member;
        }
    }

    public void MarkSynced()
    {
        _base = _end;
        _hasChanges = false;
        if (_hasMarks)
            store.DeleteRange(_keys.Marks, _keys.AfterMarks);
        _hasMarks = false;
    }

    public void Dispose()
    {
        store.DeleteRange(_keys.Versions, _keys.AfterVersions);
        store.DeleteRange(_keys.Marks, _keys.AfterMarks);
    }

    private void Put(ReadOnlySpan<byte> profileKey, Version version, ReadOnlySpan<byte> row, long offset)
    {
        if (_value.Length < row.Length + 1)
            _value = new byte[Math.Max(row.Length + 1, 2 * _value.Length)];
        _value[0] = (byte)version;
        row.CopyTo(_value.AsSpan(1));
        store.Put(_keys.Version(profileKey, offset), _value.AsSpan(0, row.Length + 1));
        _end = offset + 1;
        _hasChanges = null;
        if (_base == 0)
            return;
        store.Put(_keys.Mark(profileKey), []);
        _hasMarks = true;
    }

    /// <summary>Only profiles that have a row since the last sync are looked at.</summary>
    private bool AnyMarkedHasChanged()
    {
        if (!_hasMarks)
            return false;
        using var marks = store.Read();
        using var versions = store.Read();
        var profile = new ProfileVersions(_base);
        for (marks.Seek(_keys.Marks); store.IsAt(marks, _keys.Marks); marks.Next())
        {
            var marked = _keys.VersionsOf(marks.GetKeySpan());
            versions.Seek(marked);

            // Whoever read past the versions before may have deleted all: what lies here is another profile's, or another cohort's.
            if (store.IsAt(versions, marked) && Take(versions, profile) is { } member && member.IsMember != member.WasMember)
                return true;
        }

        return false;
    }

    /// <summary>Reads past all versions of the profile at the reader, and deletes those that say nothing. Null where it is no member and was none.</summary>
    private SnapshotMember? Take(Iterator versions, ProfileVersions profile)
    {
        profile.Start(versions.GetKeySpan()[..^sizeof(long)]);
        do
        {
            var value = versions.GetValueSpan();
            profile.Add(BinaryPrimitives.ReadInt64BigEndian(versions.GetKeySpan()[^sizeof(long)..]), (Version)value[0], value[1..]);
            versions.Next();
        }
        while (versions.Valid() && profile.IsAt(versions.GetKeySpan()));

        profile.DeleteSuperseded(store);
        return profile.IsMember || profile.WasMember ? profile.Member : null;
    }

    /// <summary>The versions of one profile, oldest first. Used again for the next.</summary>
    private sealed class ProfileVersions(long end)
    {
        private readonly List<long> _offsets = [];
        private byte[] _prefix = new byte[64];
        private byte[] _row = new byte[512];
        private int _prefixLength;
        private int _rowLength;
        private int _lastBefore;
        private int _lastRow;

        public bool IsMember { get; private set; }

        public bool WasMember { get; private set; }

        public SnapshotMember Member => new(SnapshotKeys.ProfileOf(_prefix.AsMemory(0, _prefixLength)), _row.AsMemory(0, _rowLength), _offsets[_lastRow], IsMember, WasMember);

        public void Start(ReadOnlySpan<byte> prefix)
        {
            Hold(ref _prefix, prefix);
            _prefixLength = prefix.Length;
            _offsets.Clear();
            _rowLength = 0;
            (_lastBefore, _lastRow) = (-1, -1);
            (IsMember, WasMember) = (false, false);
        }

        public bool IsAt(ReadOnlySpan<byte> key) =>
            key.Length == _prefixLength + sizeof(long) && key[.._prefixLength].SequenceEqual(_prefix.AsSpan(0, _prefixLength));

        public void Add(long offset, Version version, ReadOnlySpan<byte> row)
        {
            _offsets.Add(offset);
            IsMember = version == Version.In;
            if (offset < end)
            {
                WasMember = IsMember;
                _lastBefore = _offsets.Count - 1;
            }

            if (version == Version.Forgotten)
                return;
            Hold(ref _row, row);
            _rowLength = row.Length;
            _lastRow = _offsets.Count - 1;
        }

        /// <summary>Kept are the newest version, the newest before the last sync's end, and the newest with a row; of a profile that is no member and was none, nothing.</summary>
        public void DeleteSuperseded(SnapshotStore store)
        {
            var isNobody = !IsMember && !WasMember;
            if (_offsets.Count == 1 && !isNobody)
                return;
            Span<byte> key = new byte[_prefixLength + sizeof(long)];
            _prefix.AsSpan(0, _prefixLength).CopyTo(key);
            for (var index = 0; index < _offsets.Count; index++)
            {
                if (!isNobody && (index == _offsets.Count - 1 || index == _lastBefore || index == _lastRow))
                    continue;
                BinaryPrimitives.WriteInt64BigEndian(key[_prefixLength..], _offsets[index]);
                store.Delete(key);
            }
        }

        private static void Hold(ref byte[] buffer, ReadOnlySpan<byte> bytes)
        {
            if (buffer.Length < bytes.Length)
                buffer = new byte[Math.Max(bytes.Length, 2 * buffer.Length)];
            bytes.CopyTo(buffer);
        }
    }
}
