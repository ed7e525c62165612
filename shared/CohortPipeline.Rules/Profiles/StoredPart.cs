using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <summary>Bytes of a stored profile that stand for a part of it: unread until somebody looks, and to be copied until somebody changes the part.</summary>
internal struct StoredPart(int start, int length)
{
    private readonly int _start = start;
    private readonly int _length = length;
    private bool _isRead;

    /// <summary>The part is what these bytes say.</summary>
    public bool IsUnchanged { get; private set; } = true;

    public readonly bool IsEmpty => _length == 0;

    /// <param name="stored">The profile's.</param>
    public readonly ReadOnlySpan<byte> In(byte[] stored) => stored.AsSpan(_start, _length);

    /// <summary>True once: whoever asks first reads the bytes.</summary>
    public bool TakeUnread(byte[] stored, out ByteReader reader)
    {
        var wasUnread = !_isRead;
        reader = wasUnread ? new(In(stored)) : default;
        _isRead = true;
        return wasUnread;
    }

    public void MarkChanged() => IsUnchanged = false;
}
