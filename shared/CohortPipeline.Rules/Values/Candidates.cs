using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Filters;
using CohortPipeline.Rules.Properties;

namespace CohortPipeline.Rules.Values;

/// <summary>
/// What a path leads to: the scalars and objects that a positive test may be satisfied by, and whether there is a value at all. Kept by
/// a lane and used again; it points into the bag it was resolved in, until that changes.
/// </summary>
internal sealed class Candidates
{
    private Found[] _scalars = new Found[4];
    private Slice[] _objects = new Slice[4];
    private byte[] _unescaped = [];
    private char[] _characters = [];
    private PropertyBag _bag = PropertyBag.Empty;

    /// <summary>How many scalars there are.</summary>
    public int Count { get; private set; }

    public int ObjectCount { get; private set; }

    /// <summary>What a filter on one of the objects looks at: its members are the properties.</summary>
    public EventValues Element => field ??= new();

    /// <summary>The path has a value other than null.</summary>
    public bool Exists { get; private set; }

    /// <summary>What was found are elements of an array, even if there is one alone.</summary>
    public bool IsList { get; private set; }

    /// <summary>Finds what <paramref name="path"/> leads to in the properties of <paramref name="bag"/>.</summary>
    public void Resolve(PropertyPath path, PropertyBag bag)
    {
        _bag = bag;
        Count = 0;
        ObjectCount = 0;
        Exists = false;
        IsList = false;
        var whole = bag.IndexOf(path.WholeName);
        if (path.IsPointer)
        {
            if (whole >= 0)
                Follow(path, bag.SliceAt(whole));
        }
        else if (whole >= 0)
        {
            AddValue(bag.SliceAt(whole));
        }
        else if (path.Segments.Length > 1 && bag.IndexOf(path.Segments[0]) is >= 0 and var first)
        {
            Walk(path, 1, bag.SliceAt(first), isElement: false);
        }
    }

    /// <summary>A text without quotes and escapes; a number or boolean as it was written. Valid until the next call.</summary>
    public ReadOnlySpan<byte> TextOf(int index)
    {
        var value = _bag.Bytes(_scalars[index].Value);
        if (value[0] != (byte)'"')
            return value;
        var content = value[1..^1];
        if (!content.Contains((byte)'\\'))
            return content;
        if (_unescaped.Length < content.Length)
            _unescaped = new byte[content.Length * 2];
        return _unescaped.AsSpan(0, JsonEscapes.Undo(content, _unescaped));
    }

    /// <summary><see cref="TextOf"/> in UTF-16. Valid until the next call.</summary>
    public ReadOnlySpan<char> CharactersOf(int index)
    {
        var text = TextOf(index);
        if (_characters.Length < text.Length)
            _characters = new char[text.Length * 2];
        return _characters.AsSpan(0, Encoding.UTF8.GetChars(text, _characters));
    }

    public ReadOnlySpan<byte> ObjectAt(int index) => _bag.Bytes(_objects[index]);

    /// <summary>Found out once, however often it is asked.</summary>
    public bool TryNumber(int index, out decimal number)
    {
        ref var scalar = ref _scalars[index];
        if (!scalar.IsParsed)
        {
            scalar.IsNumeric = NumericText.TryParse(TextOf(index), out scalar.Number);
            scalar.IsParsed = true;
        }

        number = scalar.Number;
        return scalar.IsNumeric;
    }

    /// <summary>What was found, for people: scalars as JSON.</summary>
    public string Describe()
    {
        if (Count == 0)
            return Exists ? "a value without scalars" : "absent";
        return string.Join(", ", Enumerable.Range(0, Count).Select(index => Encoding.UTF8.GetString(_bag.Bytes(_scalars[index].Value))));
    }

    /// <summary>The rest of a dotted path: an array on the way is gone through, element by element.</summary>
    private void Walk(PropertyPath path, int segment, Slice value, bool isElement)
    {
        if (segment == path.Segments.Length)
        {
            if (isElement)
                AddElement(value);
            else
                AddValue(value);
            return;
        }

        var json = _bag.Bytes(value);
        if (RawJson.KindOf(json) == RawKind.Object)
        {
            if (RawJson.TryMember(json, path.Segments[segment], out var start, out var length))
                Walk(path, segment + 1, value.Part(start, length), isElement);
        }
        else if (RawJson.KindOf(json) == RawKind.Array)
        {
            foreach (var element in new RawElements(json))
            {
                if (RawJson.KindOf(json[element]) == RawKind.Object)
                    Walk(path, segment, value.Part(element), isElement: true);
            }
        }
    }

    /// <summary>The rest of a JSON Pointer.</summary>
    private void Follow(PropertyPath path, Slice value)
    {
        for (var segment = 1; segment < path.Segments.Length; segment++)
        {
            var json = _bag.Bytes(value);
            var kind = RawJson.KindOf(json);
            var name = path.Segments[segment];
            int start, length;
            if (kind == RawKind.Object ? !RawJson.TryMember(json, name, out start, out length) : !TryElement(json, kind, name, out start, out length))
                return;
            value = value.Part(start, length);
        }

        AddValue(value);
    }

    private static bool TryElement(ReadOnlySpan<byte> json, RawKind kind, ReadOnlySpan<byte> index, out int start, out int length)
    {
        (start, length) = (0, 0);
        var isIndex = index.Length is > 0 and < 10 && !index.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (index.Length == 1 || index[0] != (byte)'0');
        if (kind != RawKind.Array || !isIndex)
            return false;
        var left = int.Parse(index, CultureInfo.InvariantCulture);
        foreach (var element in new RawElements(json))
        {
            if (left-- > 0)
                continue;
            (start, length) = element.GetOffsetAndLength(json.Length);
            return true;
        }

        return false;
    }

    private void AddValue(Slice value)
    {
        var json = _bag.Bytes(value);
        var kind = RawJson.KindOf(json);
        Exists = kind != RawKind.Null;
        if (kind != RawKind.Array)
        {
            Add(value, kind);
            return;
        }

        IsList = true;
        foreach (var element in new RawElements(json))
            Add(value.Part(element), RawJson.KindOf(json[element]));
    }

    /// <summary>A value found inside an array: one of several, so that a null among them is passed over and yet makes the path exist.</summary>
    private void AddElement(Slice value)
    {
        Exists = true;
        IsList = true;
        Add(value, RawJson.KindOf(_bag.Bytes(value)));
    }

    /// <summary>Nulls and arrays, which are inside another here, are passed over.</summary>
    private void Add(Slice value, RawKind kind)
    {
        if (kind == RawKind.Object)
        {
            if (ObjectCount == _objects.Length)
                Array.Resize(ref _objects, _objects.Length * 2);
            _objects[ObjectCount++] = value;
        }
        else if (kind is RawKind.Boolean or RawKind.Number or RawKind.Text)
        {
            if (Count == _scalars.Length)
                Array.Resize(ref _scalars, _scalars.Length * 2);
            ref var scalar = ref _scalars[Count++];
            scalar.Value = value;
            scalar.IsParsed = false;
        }
    }

    private struct Found
    {
        public Slice Value;
        public bool IsParsed;
        public bool IsNumeric;
        public decimal Number;
    }
}
