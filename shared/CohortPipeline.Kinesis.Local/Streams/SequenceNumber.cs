using System.Buffers.Text;
using System.Globalization;

namespace CohortPipeline.Kinesis.Local;

/// <summary>
/// Names a record within its shard: 56 digits, as AWS has them. They rise over the whole stream, so also from a shard to those
/// that it was split into, and tell the shard.
/// </summary>
/// <param name="Number">Counts what happened in the stream.</param>
/// <param name="Shard">The shard's index.</param>
public readonly record struct SequenceNumber(long Number, int Shard)
{
    public const int Length = 56;

    private const int ShardDigits = 12;
    private const int NumberDigits = 18;
    private const string Prefix = "49000000000000000000000000";

    /// <summary>Writes the <see cref="Length"/> digits.</summary>
    public void Format(Span<byte> text)
    {
        for (var i = 0; i < Prefix.Length; i++)
            text[i] = (byte)Prefix[i];
        Utf8Formatter.TryFormat(Number, text[Prefix.Length..], out _, new('D', NumberDigits));
        Utf8Formatter.TryFormat(Shard, text[(Prefix.Length + NumberDigits)..], out _, new('D', ShardDigits));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:D18}{Shard:D12}");

    public static bool TryParse(string text, out SequenceNumber sequence)
    {
        sequence = default;
        if (text.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var isRead = long.TryParse(text.AsSpan(Prefix.Length, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            & int.TryParse(text.AsSpan(Prefix.Length + NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var shard);
        sequence = new(number, shard);
        return isRead;
    }
}
