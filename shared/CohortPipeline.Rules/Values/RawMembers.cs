namespace CohortPipeline.Rules.Values;

/// <summary>The members of a JSON object, as ranges of it; a name that stands twice is there twice.</summary>
internal ref struct RawMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private RawCursor _cursor;
    private bool _isBegun;

    public RawMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _cursor = new(json, 0);
    }

    public RawMember Current { get; private set; }

    public readonly RawMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        // Before the first member a brace, before each other a comma, behind the last one a brace.
        if (_cursor.Mark() == (byte)'}' || (!_isBegun && _json[_cursor.Position] == (byte)'}'))
            return false;
        _isBegun = true;
        var name = _cursor.Text();
        _cursor.Mark();
        Current = new(name, _cursor.Value());
        return true;
    }
}

/// <param name="Name">Between its quotes, escapes and all.</param>
internal readonly record struct RawMember(Range Name, Range Value);
