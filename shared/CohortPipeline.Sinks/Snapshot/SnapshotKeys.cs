using System.Buffers.Binary;

namespace CohortPipeline.Sinks.Snapshot;

/// <summary>
/// The keys of one snapshot in the store, which sort as its profile keys do. A version: <c>v</c>, the snapshot's id, the
/// profile key, an end, the offset. A mark, which says that a profile has a row since the last sync: <c>m</c>, the id, the
/// profile key, an end. Numbers are big-endian; a NUL in a profile key is followed by 0xFF, so that the end, two NULs, sorts
/// before whatever a longer key has there.
/// </summary>
internal sealed class SnapshotKeys(uint id)
{
    private const byte VersionKind = (byte)'v';
    private const byte MarkKind = (byte)'m';
    private const int HeadLength = 1 + sizeof(uint);
    private const int EndLength = 2;

    private byte[] _key = new byte[128];
    private byte[] _mark = new byte[128];

    /// <summary>Where the versions begin, and where they are over.</summary>
    public byte[] Versions { get; } = Head(VersionKind, id);

    public byte[] AfterVersions { get; } = Head(VersionKind, id + 1);

    public byte[] Marks { get; } = Head(MarkKind, id);

    public byte[] AfterMarks { get; } = Head(MarkKind, id + 1);

    /// <summary>The key of a version; borrowed until the next.</summary>
    public ReadOnlySpan<byte> Version(ReadOnlySpan<byte> profileKey, long offset)
    {
        var length = Write(ref _key, Versions, profileKey);
        BinaryPrimitives.WriteInt64BigEndian(_key.AsSpan(length), offset);
        return _key.AsSpan(0, length + sizeof(long));
    }

    /// <summary>The key of a mark; borrowed until the next.</summary>
    public ReadOnlySpan<byte> Mark(ReadOnlySpan<byte> profileKey) => _mark.AsSpan(0, Write(ref _mark, Marks, profileKey));

    /// <summary>Where the versions of a marked profile begin; borrowed until the next key.</summary>
    public ReadOnlySpan<byte> VersionsOf(ReadOnlySpan<byte> mark)
    {
        Grow(ref _key, mark.Length);
        mark.CopyTo(_key);
        _key[0] = VersionKind;
        return _key.AsSpan(0, mark.Length);
    }

    /// <summary>The profile key in a version's key without its offset.</summary>
    public static ReadOnlyMemory<byte> ProfileOf(ReadOnlyMemory<byte> prefix)
    {
        var escaped = prefix[HeadLength..^EndLength];
        if (escaped.Span.IndexOf((byte)0) < 0)
            return escaped;
        var plain = new List<byte>(escaped.Length);
        for (var index = 0; index < escaped.Length; index++)
        {
            plain.Add(escaped.Span[index]);
            if (escaped.Span[index] == 0)
                index++;
        }

        return plain.ToArray();
    }

    private static int Write(ref byte[] key, byte[] head, ReadOnlySpan<byte> profileKey)
    {
        Grow(ref key, HeadLength + (2 * profileKey.Length) + EndLength + sizeof(long));
        head.CopyTo(key, 0);
        var length = HeadLength;
        for (var nul = profileKey.IndexOf((byte)0); nul >= 0; nul = profileKey.IndexOf((byte)0))
        {
            profileKey[..(nul + 1)].CopyTo(key.AsSpan(length));
            key[length + nul + 1] = 0xFF;
            length += nul + 2;
            profileKey = profileKey[(nul + 1)..];
        }

        profileKey.CopyTo(key.AsSpan(length));
        length += profileKey.Length;
        key.AsSpan(length, EndLength).Clear();
        return length + EndLength;
    }

    private static void Grow(ref byte[] key, int length)
    {
        if (key.Length < length)
            key = new byte[Math.Max(length, 2 * key.Length)];
    }

    private static byte[] Head(byte kind, uint id)
    {
        var head = new byte[HeadLength];
        head[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(1), id);
        return head;
    }
}
