using System.Buffers.Binary;
using System.Text;

namespace CohortPipeline.TestKit.Network;

/// <summary>What the header of a request on the Kafka protocol says, and for the end of a transaction whose it is.</summary>
/// <param name="TransactionalId">Of an EndTxn as librdkafka sends it (versions below 3); null: none, or another kind of request.</param>
/// <param name="Length">The whole request's, in bytes.</param>
public sealed record KafkaRequest(short ApiKey, int CorrelationId, string ClientId, string? TransactionalId, int Length)
{
    private const int FirstFlexibleEndTransaction = 3;

    /// <summary>Reads a request without the length before it. What is no request has the key −1.</summary>
    public static KafkaRequest Read(ReadOnlySpan<byte> frame)
    {
        var rest = frame;
        if (!TryInt16(ref rest, out var key) || !TryInt16(ref rest, out var version) || rest.Length < sizeof(int))
            return new(-1, 0, "", null, frame.Length);
        var correlation = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[sizeof(int)..];
        var client = Text(ref rest);
        var transactional = key == KafkaKeys.EndTxn && version < FirstFlexibleEndTransaction ? Text(ref rest) : null;
        return new(key, correlation, client ?? "", transactional, frame.Length);
    }

    private static string? Text(ref ReadOnlySpan<byte> rest)
    {
        if (!TryInt16(ref rest, out var length) || length < 0 || length > rest.Length)
            return null;
        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }

    private static bool TryInt16(ref ReadOnlySpan<byte> rest, out short value)
    {
        if (!BinaryPrimitives.TryReadInt16BigEndian(rest, out value))
            return false;
        rest = rest[sizeof(short)..];
        return true;
    }
}

/// <summary>The kinds of requests that tests look for, by their numbers in Kafka's protocol.</summary>
public static class KafkaKeys
{
    public const short Produce = 0;
    public const short Fetch = 1;
    public const short OffsetCommit = 8;
    public const short OffsetFetch = 9;
    public const short InitProducerId = 22;
    public const short EndTxn = 26;
    public const short WriteTxnMarkers = 27;
}
