using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

internal enum IdKind
{
    /// <summary>Absent, of another type, or one of the texts that stand for nobody.</summary>
    None,
    Valid,
    TooLong,
}

/// <summary>User and device ids as producers send them (<c>docs/spec/inputs.md</c> §2).</summary>
internal static class ProducerId
{
    public const int BytesMax = ProfileKey.IdBytesMax;

    private const int LongestPlaceholder = 9;

    public static IdKind Read(JsonObject record, ReadOnlySpan<byte> json, scoped in JsonMember member, out ReadOnlySpan<byte> id)
    {
        id = default;
        if (member.IsText)
            id = Trim(record.Text(json, member));
        else if (IsWholeNumber(json, member))
            id = json[member.ValueStart..member.ValueEnd];
        if (id.IsEmpty || IsPlaceholder(id))
        {
            id = default;
            return IdKind.None;
        }

        return id.Length <= BytesMax ? IdKind.Valid : IdKind.TooLong;
    }

    /// <summary>True for a number written without point and exponent, so that its text is the id.</summary>
    public static bool IsWholeNumber(ReadOnlySpan<byte> json, scoped in JsonMember member) =>
        member.Type == JsonTokenType.Number && !json[member.ValueStart..member.ValueEnd].ContainsAny((byte)'.', (byte)'e', (byte)'E');

    /// <summary>Amplitude's list of invalid ids, compared without case.</summary>
    private static bool IsPlaceholder(ReadOnlySpan<byte> id)
    {
        if (id.Length > LongestPlaceholder)
            return false;
        return Is(id, "null"u8) || Is(id, "undefined"u8) || Is(id, "anonymous"u8) || Is(id, "unknown"u8) || Is(id, "none"u8)
            || Is(id, "0"u8) || Is(id, "-1"u8) || Is(id, "[]"u8) || Is(id, "{}"u8) || Is(id, "lmy47d"u8);
    }

    private static bool Is(ReadOnlySpan<byte> id, ReadOnlySpan<byte> placeholder) => Ascii.EqualsIgnoreCase(id, placeholder);

    /// <summary>Without Unicode white space at both ends.</summary>
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out var first, out var length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(first))
            text = text[length..];
        while (Rune.DecodeLastFromUtf8(text, out var last, out var length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(last))
            text = text[..^length];
        return text;
    }
}
