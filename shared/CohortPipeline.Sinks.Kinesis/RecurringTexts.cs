using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// Texts that come again and again, such as the ids of shards and cohorts, as one object each. A place for each hash, so that it
/// never grows: a text that takes another's place costs that one an allocation. Any thread may ask.
/// </summary>
internal sealed class RecurringTexts
{
    /// <summary>A power of two.</summary>
    private const int Places = 4_096;

    private readonly Known?[] _known = new Known?[Places];

    public string Of(ReadOnlySpan<byte> utf8)
    {
        ref var place = ref _known[XxHash3.HashToUInt64(utf8) & (Places - 1)];
        var known = place;
        if (known is null || !utf8.SequenceEqual(known.Utf8))
            place = known = new(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return known.Text;
    }

    /// <summary>The name of the property that a reader is at.</summary>
    public string OfProperty(scoped ref Utf8JsonReader reader) => reader.ValueIsEscaped ? reader.GetString()! : Of(reader.ValueSpan);

    private sealed record Known(byte[] Utf8, string Text);
}
