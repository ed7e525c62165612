using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Definitions;

/// <summary>Compact JSON for canonical forms.</summary>
internal static class CanonicalJson
{
    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, JsonText.WriterOptions))
            write(writer);
        return output.WrittenSpan.ToArray();
    }

    public static string ToText(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(ToBytes(write));
}
