using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>A value at the first level of an object: where its name and it lie in the document (the name with its quotes), and what it is.</summary>
internal readonly record struct JsonMember(MemberName Name, int NameStart, int ValueStart, int ValueEnd, JsonTokenType Type, bool IsEscaped)
{
    public bool Exists => ValueEnd > 0;

    public bool IsText => Type == JsonTokenType.String;

    public bool IsObject => Type == JsonTokenType.StartObject;

    public bool IsArray => Type == JsonTokenType.StartArray;

    public bool IsNull => Type == JsonTokenType.Null;
}

/// <summary>
/// The first level of one JSON object, found in one walk over its document, which checks that all of it is JSON. Used again
/// for each record, without allocation. Texts are handed out unescaped, borrowed until the next <see cref="Read"/>.
/// </summary>
internal sealed class JsonObject
{
    private const int LongestName = 24;

    private readonly int[] _byName = new int[MemberNames.Count];
    private JsonMember[] _members = new JsonMember[32];
    private byte[] _texts = new byte[1024];
    private int _textsUsed;

    public int Count { get; private set; }

    public ref readonly JsonMember this[int index] => ref _members[index];

    /// <summary>The last member of that name; it does not exist where <see cref="JsonMember.Exists"/> is false.</summary>
    public JsonMember this[MemberName name] => _byName[(int)name] is var index and > 0 ? _members[index - 1] : default;

    public bool Has(MemberName name) => _byName[(int)name] > 0;

    /// <summary>False if the document is JSON, but no object.</summary>
    /// <exception cref="JsonException">The document is not JSON, or deeper than <see cref="JsonText.DepthMax"/>.</exception>
    public bool Read(ReadOnlySpan<byte> json) => TryReadCompact(json) || ReadAny(json);

    /// <summary>As <see cref="Read"/>, by the platform's reader alone.</summary>
    internal bool ReadAny(ReadOnlySpan<byte> json)
    {
        Clear();
        // Room for all of the record's texts, twice: no shape looks at one more often, and what is handed out never moves.
        if (_texts.Length < json.Length * 2)
            _texts = new byte[Math.Max(json.Length, _texts.Length) * 2];

        var reader = new Utf8JsonReader(json, new() { MaxDepth = JsonText.DepthMax });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            // What stands behind the first value is an error of the document too.
            while (reader.Read())
            {
            }

            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            AddMember(ref reader);
        reader.Read();
        return true;
    }

    /// <summary>
    /// Reads an object without white space and escapes, as most producers write theirs, at about half of what the platform's
    /// reader takes. False for anything else, well-formed or not.
    /// </summary>
    private bool TryReadCompact(ReadOnlySpan<byte> json)
    {
        Clear();
        var cursor = new CompactCursor(json);
        if (!cursor.TryTake("{"u8))
            return false;
        if (cursor.TryTake("}"u8))
            return cursor.IsAtEnd;
        do
        {
            var nameStart = json.Length - cursor.Left;
            if (!cursor.TryTake("\""u8) || !cursor.TryText(out var name) || !cursor.TryTake(":"u8))
                return false;
            var valueStart = json.Length - cursor.Left;
            if (!cursor.TryValue(out var value))
                return false;
            Add(new(MemberNames.Of(name), nameStart, valueStart, valueStart + value.Length, TypeOf(value[0]), IsEscaped: false));
        }
        while (cursor.TryTake(","u8));
        return cursor.TryTake("}"u8) && cursor.IsAtEnd;
    }

    /// <summary>The text of a member that <see cref="JsonMember.IsText"/>.</summary>
    public ReadOnlySpan<byte> Text(ReadOnlySpan<byte> json, scoped in JsonMember member)
    {
        if (!member.IsEscaped)
            return json[(member.ValueStart + 1)..(member.ValueEnd - 1)];
        var reader = new Utf8JsonReader(json[member.ValueStart..member.ValueEnd]);
        reader.Read();
        var length = reader.CopyString(_texts.AsSpan(_textsUsed));
        var text = _texts.AsSpan(_textsUsed, length);
        _textsUsed += length;
        return text;
    }

    private void AddMember(ref Utf8JsonReader reader)
    {
        var nameStart = (int)reader.TokenStartIndex;
        var name = NameOf(ref reader);
        reader.Read();
        var valueStart = (int)reader.TokenStartIndex;
        var type = reader.TokenType;
        var isEscaped = reader.ValueIsEscaped;
        reader.Skip();
        Add(new(name, nameStart, valueStart, (int)reader.BytesConsumed, type, isEscaped));
    }

    private void Add(in JsonMember member)
    {
        if (Count == _members.Length)
            Array.Resize(ref _members, Count * 2);
        _members[Count++] = member;
        _byName[(int)member.Name] = Count;
    }

    private void Clear()
    {
        Count = 0;
        Array.Clear(_byName);
        _textsUsed = 0;
    }

    /// <summary>By a value's first byte.</summary>
    private static JsonTokenType TypeOf(byte first) => first switch
    {
        (byte)'"' => JsonTokenType.String,
        (byte)'{' => JsonTokenType.StartObject,
        (byte)'[' => JsonTokenType.StartArray,
        (byte)'t' => JsonTokenType.True,
        (byte)'f' => JsonTokenType.False,
        (byte)'n' => JsonTokenType.Null,
        _ => JsonTokenType.Number,
    };

    private static MemberName NameOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return MemberNames.Of(reader.ValueSpan);
        // An escape is at most six bytes a character, and no name of ours is longer.
        if (reader.ValueSpan.Length > LongestName * 6)
            return MemberName.Other;
        Span<byte> name = stackalloc byte[LongestName * 6];
        return MemberNames.Of(name[..reader.CopyString(name)]);
    }
}
