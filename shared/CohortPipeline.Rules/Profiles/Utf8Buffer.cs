namespace CohortPipeline.Rules.Profiles;

/// <summary>A text in UTF-8 that can be replaced without allocating.</summary>
internal sealed class Utf8Buffer
{
    private byte[] _bytes = new byte[32];
    private int _length;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>False if it was that text already.</summary>
    public bool Set(ReadOnlySpan<byte> text)
    {
        if (Span.SequenceEqual(text))
            return false;
        if (_bytes.Length < text.Length)
            _bytes = new byte[Math.Max(text.Length, _bytes.Length * 2)];
        text.CopyTo(_bytes);
        _length = text.Length;
        return true;
    }
}
