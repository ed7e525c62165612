namespace CohortPipeline.Rules.Values;

/// <summary>The elements of a JSON array, as ranges of it.</summary>
internal ref struct RawElements
{
    private readonly ReadOnlySpan<byte> _array;
    private RawCursor _cursor;
    private bool _isBegun;

    public RawElements(ReadOnlySpan<byte> array)
    {
        _array = array;
        _cursor = new(array, 0);
    }

    public Range Current { get; private set; }

    public readonly RawElements GetEnumerator() => this;

    public bool MoveNext()
    {
        // Before the first element a bracket, before each other a comma, behind the last one a bracket.
        if (_cursor.Mark() == (byte)']' || (!_isBegun && _array[_cursor.Position] == (byte)']'))
            return false;
        _isBegun = true;
        Current = _cursor.Value();
        return true;
    }
}
