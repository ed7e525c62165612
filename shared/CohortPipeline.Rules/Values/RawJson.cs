using System.Buffers;

namespace CohortPipeline.Rules.Values;

internal enum RawKind
{
    Null,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}

/// <summary>Looks into JSON values where they lie, without copying them. What comes in is valid JSON: its reader has checked it.</summary>
internal static class RawJson
{
    public static RawKind KindOf(ReadOnlySpan<byte> value) => value[0] switch
    {
        (byte)'"' => RawKind.Text,
        (byte)'{' => RawKind.Object,
        (byte)'[' => RawKind.Array,
        (byte)'t' or (byte)'f' => RawKind.Boolean,
        (byte)'n' => RawKind.Null,
        _ => RawKind.Number,
    };

    /// <summary>The value of an object's member, as a range of the object; of a name that stands twice the last one counts.</summary>
    public static bool TryMember(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out int start, out int length)
    {
        (start, length) = (0, 0);
        foreach (var member in new RawMembers(json))
        {
            var content = json[member.Name];
            if (content.SequenceEqual(name) || (content.Contains((byte)'\\') && IsEscaped(content, name)))
                (start, length) = member.Value.GetOffsetAndLength(json.Length);
        }

        return length > 0;
    }

    /// <summary>Writes the value without the white space between its tokens.</summary>
    public static void WriteCompact(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var inText = false;
        var copied = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var current = value[i];
            if (inText)
            {
                if (current == (byte)'\\')
                    i++;
                else if (current == (byte)'"')
                    inText = false;
            }
            else if (current == (byte)'"')
            {
                inText = true;
            }
            else if (current is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                output.Write(value[copied..i]);
                copied = i + 1;
            }
        }

        output.Write(value[copied..]);
    }

    private static bool IsEscaped(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        if (content.Length < name.Length)
            return false;
        var unescaped = ArrayPool<byte>.Shared.Rent(content.Length);
        var isNamed = unescaped.AsSpan(0, JsonEscapes.Undo(content, unescaped)).SequenceEqual(name);
        ArrayPool<byte>.Shared.Return(unescaped);
        return isNamed;
    }
}
