namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Deltas side by side in memory that is used again.</summary>
public sealed class ChangeBuffer
{
    private readonly List<Range> _places = [];
    private byte[] _bytes = new byte[4_096];
    private int _length;

    public int Count => _places.Count;

    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_places[index]);

    public void Clear()
    {
        _places.Clear();
        _length = 0;
    }

    public void Add(ReadOnlySpan<byte> delta)
    {
        if (_bytes.Length - _length < delta.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + delta.Length));
        delta.CopyTo(_bytes.AsSpan(_length));
        _places.Add(_length..(_length + delta.Length));
        _length += delta.Length;
    }
}
