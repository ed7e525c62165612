using System.Buffers.Binary;

namespace CohortPipeline.Contracts;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Bytes that end too early are an <see cref="InvalidDataException"/>.</summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly bool IsAtEnd => _position == _bytes.Length;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    public byte Byte()
    {
        if ((uint)_position >= (uint)_bytes.Length)
            throw EndsTooEarly(1);
        return _bytes[_position++];
    }

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong Varint()
    {
        ulong value = Byte();
        if (value < 0x80)
            return value;
        value &= 0x7f;
        for (var shift = 7; ; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
            if (shift > 56)
                throw new InvalidDataException("a number in stored bytes is longer than 64 bits");
        }
    }

    public int Count() => (int)Varint();

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public Int128 Signed128()
    {
        UInt128 value = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (shift > 126)
                throw new InvalidDataException("a number in stored bytes is longer than 128 bits");
            var part = Byte();
            value |= (UInt128)(part & 0x7fu) << shift;
            if (part < 0x80)
                return (Int128)(value >> 1) ^ -(Int128)(value & 1);
        }
    }

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    /// <summary>Passes over bytes.</summary>
    public void Skip(int count) => Take(count);

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take(_bytes.Length - _position);

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - _position))
            throw EndsTooEarly(count);
        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    private readonly InvalidDataException EndsTooEarly(int count) =>
        new($"stored bytes end after {_bytes.Length} bytes, where {count} more were expected at {_position}");
}
