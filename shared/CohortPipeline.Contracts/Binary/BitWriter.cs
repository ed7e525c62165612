namespace CohortPipeline.Contracts;

/// <summary>Writes numbers of any count of bits, one behind the other, least bit first. Nothing else is written until <see cref="Flush"/>.</summary>
public ref struct BitWriter(ByteWriter writer)
{
    private readonly ByteWriter _writer = writer;
    private ulong _open;
    private int _openBits;

    /// <param name="count">0 to 64; the number has no bits above them.</param>
    public void Put(ulong number, int count)
    {
        while (count > 0)
        {
            var taken = Math.Min(count, 8 - _openBits);
            _open |= (number & ((1UL << taken) - 1)) << _openBits;
            number >>= taken;
            count -= taken;
            _openBits += taken;
            if (_openBits == 8)
                Flush();
        }
    }

    /// <summary>Writes the bits that do not fill a byte yet.</summary>
    public void Flush()
    {
        if (_openBits == 0)
            return;
        _writer.Byte((byte)_open);
        (_open, _openBits) = (0, 0);
    }
}
