using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Properties;

/// <summary>
/// Named JSON values in the order in which they were first set, names unescaped UTF-8, values compact JSON with texts and
/// numbers as they were written. A working object: it keeps its memory when it is cleared.
/// </summary>
public sealed class PropertyBag
{
    private const int SlackMax = 4096;

    private byte[] _bytes = [];
    private Entry[] _entries = [];
    private int _used;
    private int _live;

    internal static PropertyBag Empty { get; } = new();

    public int Count { get; private set; }

    /// <summary>Something was set or removed since this was last made false.</summary>
    internal bool HasChanged { get; set; }

    /// <summary>Bytes of the whole bag as one compact JSON object.</summary>
    public int JsonLength => 2 + _jsonOfMembers + Math.Max(0, Count - 1);

    private int _jsonOfMembers;

    public ReadOnlySpan<byte> NameAt(int index) => Bytes(_entries[index].Name);

    public ReadOnlySpan<byte> ValueAt(int index) => Bytes(_entries[index].Value);

    /// <summary>Place of a property; -1 for none.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        // From the end: in a JSON object that names a member twice the last one counts.
        for (var i = Count - 1; i >= 0; i--)
        {
            if (Bytes(_entries[i].Name).SequenceEqual(name))
                return i;
        }

        return -1;
    }

    /// <summary>Adds a property that is not in the bag, as when a stored bag is read back.</summary>
    public void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(8, _entries.Length * 2));
        var entry = new Entry(Store(name), Store(value));
        _entries[Count++] = entry;
        _jsonOfMembers += JsonLengthOf(name, value);
        HasChanged = true;
    }

    /// <summary>Sets a property, which keeps its place if it has one.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            Append(name, value);
            return;
        }

        ref var entry = ref _entries[index];
        _jsonOfMembers += value.Length - entry.Value.Length;
        _live -= entry.Value.Length;
        entry = entry with { Value = Store(value) };
        HasChanged = true;
        if (_used - _live > SlackMax + _live)
            Compact();
    }

    public void RemoveAt(int index)
    {
        var entry = _entries[index];
        _jsonOfMembers -= JsonLengthOf(Bytes(entry.Name), Bytes(entry.Value));
        _live -= entry.Name.Length + entry.Value.Length;
        Count--;
        Array.Copy(_entries, index + 1, _entries, index, Count - index);
        HasChanged = true;
    }

    public void Clear()
    {
        Count = 0;
        _used = 0;
        _live = 0;
        _jsonOfMembers = 0;
        HasChanged = true;
    }

    /// <summary>Bytes that a property takes in the bag's JSON object, without the comma between members.</summary>
    internal static int JsonLengthOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => JsonName.LengthOf(name) + 1 + value.Length;

    internal Slice SliceAt(int index) => _entries[index].Value;

    internal ReadOnlySpan<byte> Bytes(Slice slice) => _bytes.AsSpan(slice.Start, slice.Length);

    /// <summary>Becomes the members of a JSON object, values as they stand there; a name that stands twice is there twice, and its last value counts.</summary>
    internal void Load(ReadOnlySpan<byte> json)
    {
        Clear();
        if (json.IsEmpty)
            return;
        var whole = Store(json);
        foreach (var member in new RawMembers(json))
        {
            if (Count == _entries.Length)
                Array.Resize(ref _entries, Math.Max(8, _entries.Length * 2));
            var name = json[member.Name].Contains((byte)'\\') ? StoreUnescaped(json[member.Name]) : whole.Part(member.Name);
            _entries[Count++] = new(name, whole.Part(member.Value));
        }
    }

    private Slice StoreUnescaped(ReadOnlySpan<byte> name)
    {
        Reserve(name.Length);
        return Take(JsonEscapes.Undo(name, _bytes.AsSpan(_used)));
    }

    private Slice Store(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_used));
        return Take(bytes.Length);
    }

    private Slice Take(int length)
    {
        var slice = new Slice(_used, length);
        _used += length;
        _live += length;
        return slice;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length - _used < length)
            Array.Resize(ref _bytes, Math.Max(256, Math.Max(_bytes.Length * 2, _used + length)));
    }

    private void Compact()
    {
        var old = _bytes;
        _bytes = new byte[Math.Max(256, _live * 2)];
        (_used, _live) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            var (name, value) = _entries[i];
            _entries[i] = new(Store(old.AsSpan(name.Start, name.Length)), Store(old.AsSpan(value.Start, value.Length)));
        }
    }

    private readonly record struct Entry(Slice Name, Slice Value);
}
