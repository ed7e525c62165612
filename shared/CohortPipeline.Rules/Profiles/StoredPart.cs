using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <summary>Bytes of a stored profile that stand for a part of it: unread until somebody looks, and to be copied until somebody changes the part.</summary>
internal struct StoredPart
{
    private ReadOnlyMemory<byte> _bytes;
    private bool _isUnread;

    /// <summary>The part is what these bytes say.</summary>
    public bool IsUnchanged { get; private set; }

    public readonly ReadOnlySpan<byte> Bytes => _bytes.Span;

    public static StoredPart Of(ReadOnlyMemory<byte> bytes) => new() { _bytes = bytes, _isUnread = true, IsUnchanged = true };

    /// <summary>True once: whoever asks first reads the bytes.</summary>
    public bool TakeUnread(out ByteReader reader)
    {
        reader = _isUnread ? new(_bytes.Span) : default;
        var wasUnread = _isUnread;
        _isUnread = false;
        return wasUnread;
    }

    public void MarkChanged() => IsUnchanged = false;
}
