namespace CohortPipeline.Contracts;

/// <summary>Reads what <see cref="BitWriter"/> wrote. Bytes that end too early are an <see cref="InvalidDataException"/>.</summary>
public ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <param name="count">0 to 64.</param>
    public ulong Take(int count)
    {
        if (count > 64 || _position + count > _bytes.Length * 8)
            throw new InvalidDataException($"stored bytes end after {_bytes.Length} bytes, where {count} more bits were expected at bit {_position}");
        var number = 0UL;
        for (var taken = 0; taken < count;)
        {
            var (place, bit) = (_position / 8, _position % 8);
            var now = Math.Min(count - taken, 8 - bit);
            number |= ((ulong)_bytes[place] >> bit & ((1UL << now) - 1)) << taken;
            taken += now;
            _position += now;
        }

        return number;
    }
}
