using System.Buffers.Binary;

namespace CohortPipeline.Contracts;

/// <summary>Writes numbers and bytes into memory of its own that only grows.</summary>
public sealed class ByteWriter
{
    private const int VarintBytesMax = 10;
    private const int Varint128BytesMax = 19;

    private byte[] _bytes = new byte[512];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    public void Int64(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(long);
    }

    public void UInt32(uint value)
    {
        Reserve(sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(uint);
    }

    /// <summary>Seven bits a byte, least first: small numbers are short.</summary>
    public void Varint(ulong value)
    {
        Reserve(VarintBytesMax);
        while (value >= 0x80)
        {
            _bytes[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_length++] = (byte)value;
    }

    /// <summary>A number of either sign, zigzag: -1 is as short as 1.</summary>
    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Likewise, of 128 bits.</summary>
    public void Signed128(Int128 value)
    {
        Reserve(Varint128BytesMax);
        var rest = (UInt128)((value << 1) ^ (value >> 127));
        while (rest >= 0x80)
        {
            _bytes[_length++] = (byte)((uint)rest | 0x80);
            rest >>= 7;
        }

        _bytes[_length++] = (byte)rest;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>Begins bytes that are written one after the other; what this answers goes to <see cref="EndBytes"/>, which puts their length before them.</summary>
    public int BeginBytes() => _length;

    public void EndBytes(int begun)
    {
        var length = _length - begun;
        Varint((ulong)length);
        var prefix = _length - begun - length;
        Span<byte> lengthBytes = stackalloc byte[VarintBytesMax];
        _bytes.AsSpan(_length - prefix, prefix).CopyTo(lengthBytes);
        _bytes.AsSpan(begun, length).CopyTo(_bytes.AsSpan(begun + prefix));
        lengthBytes[..prefix].CopyTo(_bytes.AsSpan(begun));
    }

    /// <summary>Bytes as they are, without their length.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>So many bytes, to be filled.</summary>
    public Span<byte> Reserved(int count)
    {
        Reserve(count);
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }

    private void Reserve(int count)
    {
        if (_length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
    }
}
