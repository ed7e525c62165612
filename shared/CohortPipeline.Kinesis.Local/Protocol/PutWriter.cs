using System.Buffers;
using System.Text.Json;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Writes the answers of puts.</summary>
internal static class PutWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <summary><c>{"FailedRecordCount", "Records": [{"SequenceNumber", "ShardId"} or {"ErrorCode", "ErrorMessage"}]}</c></summary>
    public static void WriteRecords(IBufferWriter<byte> output, ReadOnlySpan<PutResult> results)
    {
        var failed = 0;
        foreach (ref readonly var result in results)
            failed += result.Error is null ? 0 : 1;
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteNumber("FailedRecordCount"u8, failed);
        writer.WriteStartArray("Records"u8);
        foreach (ref readonly var result in results)
            WriteResult(writer, result);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary><c>{"SequenceNumber", "ShardId"}</c></summary>
    public static void WriteRecord(IBufferWriter<byte> output, in PutResult result)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        WriteResult(writer, result);
    }

    private static void WriteResult(Utf8JsonWriter writer, in PutResult result)
    {
        writer.WriteStartObject();
        if (result.Error is { } error)
        {
            writer.WriteString("ErrorCode"u8, error.Type);
            writer.WriteString("ErrorMessage"u8, error.Message);
        }
        else
        {
            Span<byte> number = stackalloc byte[SequenceNumber.Length];
            new SequenceNumber(result.Number, result.Shard.Index).Format(number);
            writer.WriteString("SequenceNumber"u8, number);
            writer.WriteString("ShardId"u8, result.Shard.Id);
        }

        writer.WriteEndObject();
    }
}
