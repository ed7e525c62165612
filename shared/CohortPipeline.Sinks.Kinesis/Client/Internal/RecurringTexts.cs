using System.IO.Hashing;
using System.Text;

namespace Amazon.Kinesis.Internal;

/// <summary>
/// Texts that come again and again, such as the ids of shards, as one object each. A place for each hash, so that it never
/// grows: a text that takes another's place costs that one an allocation. Any thread may ask.
/// </summary>
internal sealed class RecurringTexts
{
    /// <summary>A power of two.</summary>
    private const int Places = 4_096;

    private readonly string?[] _texts = new string?[Places];

    public string Of(ReadOnlySpan<byte> utf8)
    {
        ref var place = ref _texts[XxHash3.HashToUInt64(utf8) & (Places - 1)];
        if (place is { } text && Ascii.Equals(utf8, text))
            return text;
        return place = Encoding.UTF8.GetString(utf8);
    }
}
