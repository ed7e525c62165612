using System.Buffers;
using System.Text.Json;
using CohortPipeline.Sinks.Kinesis;

namespace Amazon.Kinesis.Internal;

/// <summary>
/// Reads what PutRecords answered: <c>{"FailedRecordCount", "Records": [{"SequenceNumber", "ShardId"} or {"ErrorCode", "ErrorMessage"}]}</c>.
/// Of an entry its code and its shard are kept, as texts that are made once.
/// </summary>
internal static class PutRecordsAnswer
{
    private const int FirstReadBytes = 128 * 1024;

    private static readonly RecurringTexts Texts = new();

    public static void Read(Stream answer, List<EntryResult> results)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstReadBytes);
        try
        {
            var length = ReadWhole(answer, ref buffer);
            Read(buffer.AsSpan(0, length), results);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="JsonException">It is no such answer.</exception>
    public static void Read(ReadOnlySpan<byte> answer, List<EntryResult> results)
    {
        var reader = new Utf8JsonReader(answer);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRecords = reader.ValueTextEquals("Records"u8);
            reader.Read();
            if (isRecords && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    results.Add(Entry(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>A throttled entry names its shard in its message alone: <c>Rate exceeded for shard shardId-000000000003 in stream …</c></summary>
    private static EntryResult Entry(ref Utf8JsonReader reader)
    {
        string? code = null, shard = null, named = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("ErrorCode"u8);
            var isShard = reader.ValueTextEquals("ShardId"u8);
            var isMessage = reader.ValueTextEquals("ErrorMessage"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
                reader.Skip();
            else if (isCode)
                code = Texts.Of(reader.ValueSpan);
            else if (isShard)
                shard = Texts.Of(reader.ValueSpan);
            else if (isMessage)
                named = ShardNamedIn(reader.ValueSpan);
        }

        return new(code, shard ?? named);
    }

    private static string? ShardNamedIn(ReadOnlySpan<byte> message)
    {
        var prefix = "shardId-"u8;
        var start = message.IndexOf(prefix);
        if (start < 0)
            return null;
        var digits = message[(start + prefix.Length)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return Texts.Of(digits < 0 ? message[start..] : message.Slice(start, prefix.Length + digits));
    }

    private static int ReadWhole(Stream answer, ref byte[] buffer)
    {
        var length = 0;
        while (answer.Read(buffer, length, buffer.Length - length) is > 0 and var read)
        {
            length += read;
            if (length < buffer.Length)
                continue;
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return length;
    }
}
