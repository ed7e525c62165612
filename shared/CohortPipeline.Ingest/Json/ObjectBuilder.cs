using System.Buffers;

namespace CohortPipeline.Ingest;

/// <summary>Puts an object together from members as they stand in others, compact. Used again and again.</summary>
internal sealed class ObjectBuilder
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public bool IsEmpty => _buffer.WrittenCount <= 1;

    public void Start()
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("{"u8);
    }

    public void Add(ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value)
    {
        Separate();
        _buffer.Write(quotedName);
        _buffer.Write(":"u8);
        CompactJson.Append(value, _buffer);
    }

    public void AddMember(ReadOnlySpan<byte> json, scoped in JsonMember member)
    {
        Separate();
        CompactJson.Append(json[member.NameStart..member.ValueEnd], _buffer);
    }

    /// <summary>Adds all members of an object.</summary>
    public void AddMembers(ReadOnlySpan<byte> json)
    {
        var members = json[1..^1].Trim(" \t\r\n"u8);
        if (members.IsEmpty)
            return;
        Separate();
        CompactJson.Append(members, _buffer);
    }

    /// <summary>The object, borrowed until the next <see cref="Start"/>.</summary>
    public ReadOnlySpan<byte> End()
    {
        _buffer.Write("}"u8);
        return _buffer.WrittenSpan;
    }

    /// <summary>The value itself, or a compact copy; borrowed until the next <see cref="Start"/>.</summary>
    public ReadOnlySpan<byte> Compact(ReadOnlySpan<byte> json) => CompactJson.Of(json, _buffer);

    private void Separate()
    {
        if (!IsEmpty)
            _buffer.Write(","u8);
    }
}
