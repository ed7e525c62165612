using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Properties;

/// <summary>Names of JSON members as we write them: escaped only where JSON demands it.</summary>
internal static class JsonName
{
    /// <summary>Length with quotes.</summary>
    public static int LengthOf(ReadOnlySpan<byte> name) => 2 + (NeedsEscapes(name) ? Escape(name).EncodedUtf8Bytes.Length : name.Length);

    /// <summary>Writes the name with quotes.</summary>
    public static void Write(ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        if (NeedsEscapes(name))
            output.Write(Escape(name).EncodedUtf8Bytes);
        else
            output.Write(name);
        output.Write("\""u8);
    }

    private static bool NeedsEscapes(ReadOnlySpan<byte> name) => JsonText.WriterOptions.Encoder!.FindFirstCharacterToEncodeUtf8(name) >= 0;

    private static JsonEncodedText Escape(ReadOnlySpan<byte> name) => JsonEncodedText.Encode(name, JsonText.WriterOptions.Encoder);
}
