using System.Buffers.Text;

namespace CohortPipeline.Sinks;

/// <summary>
/// The offsets ahead of a position that the destination has already: a bitmap, bit 0 the position itself. As text it is
/// base64url without the zeros at its end, small enough for the metadata of a committed position.
/// </summary>
public sealed class AcceptedAhead
{
    /// <summary>Bits of a whole bitmap: 2,731 characters of text.</summary>
    public const int SpanMax = 16_384;

    private readonly byte[] _bits;

    private AcceptedAhead(long position, byte[] bits)
    {
        Position = position;
        _bits = bits;
    }

    /// <summary>The offset of bit 0.</summary>
    public long Position { get; }

    /// <summary>The offset behind the last bit that is set, <see cref="Position"/> for none.</summary>
    public long End { get; private init; }

    public static AcceptedAhead None(long position) => new(position, []) { End = position };

    /// <summary>Reads what <see cref="ToString"/> wrote; false for another text.</summary>
    public static bool TryRead(long position, ReadOnlySpan<char> text, out AcceptedAhead ahead)
    {
        ahead = None(position);
        var bits = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (bits.Length > SpanMax / 8 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bits, out var written))
            return false;
        ahead = Of(position, bits.AsSpan(0, written));
        return true;
    }

    /// <summary>Of bits whose first is the position's.</summary>
    public static AcceptedAhead Of(long position, ReadOnlySpan<byte> bits)
    {
        var used = bits[..(bits.LastIndexOfAnyExcept((byte)0) + 1)].ToArray();
        var end = used.Length == 0 ? position : position + (used.Length * 8) - System.Numerics.BitOperations.LeadingZeroCount((uint)used[^1]) + 24;
        return new(position, used) { End = end };
    }

    public bool Has(long offset)
    {
        var bit = offset - Position;
        return bit >= 0 && bit < _bits.Length * 8L && (_bits[bit / 8] & (1 << (int)(bit % 8))) != 0;
    }

    public override string ToString() => Base64Url.EncodeToString(_bits);
}
