using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks;

/// <summary>
/// Destinations as the topic <c>destinations</c> holds them: JSON in our own shape, fields in one order, every default
/// written out, so that a row goes on meaning the same.
/// </summary>
public static class DestinationCodec
{
    public static byte[] Encode(Destination destination)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            Write(writer, destination);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter writer, Destination destination)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, destination.Id);
        writer.WriteString("sink"u8, destination.Sink);
        if (destination is not KinesisDestination { Format: KinesisFormat.Events })
            WriteTexts(writer, "cohorts"u8, destination.Cohorts.IsAll ? ["*"] : destination.Cohorts.Ids);
        writer.WriteString("cadence"u8, Word(CommonFields.Cadences, destination.Cadence));
        WriteOptional(writer, "region"u8, destination.Region);
        WriteOptional(writer, "endpoint"u8, destination.Endpoint?.Text);
        writer.WriteString("trace_context"u8, Word(CommonFields.TraceContexts, destination.TraceContext));
        if (destination is KinesisDestination kinesis)
            WriteKinesis(writer, kinesis);
        else
            WriteS3(writer, (S3Destination)destination);
        writer.WriteEndObject();
    }

    /// <summary>False, with every error, for bytes that are no destination, or not the one of this key.</summary>
    public static bool TryRead(string id, ReadOnlySpan<byte> value, [NotNullWhen(true)] out Destination? destination, out string error)
    {
        destination = null;
        var reading = DestinationText.Read(Encoding.UTF8.GetString(value));
        error = string.Join("; ", reading.Errors);
        if (!reading.IsValid)
            return false;
        if (reading.Destinations is not [var only] || only.Id != id)
        {
            error = $"expected the one destination `{id}`";
            return false;
        }

        destination = only;
        return true;
    }

    private static void WriteKinesis(Utf8JsonWriter writer, KinesisDestination destination)
    {
        if (destination.StreamArn is { } arn)
            writer.WriteString("stream_arn"u8, arn);
        else if (destination.Stream.Length > 0)
            writer.WriteString("stream"u8, destination.Stream);
        WriteOptional(writer, "role_arn"u8, destination.RoleArn);
        WriteOptional(writer, "external_id"u8, destination.ExternalId);
        writer.WriteString("format"u8, Word(KinesisFields.Formats, destination.Format));
        writer.WriteString("changes"u8, Word(KinesisFields.Changes, destination.Changes));
        WriteOptional(writer, "identifier_field"u8, destination.IdentifierField);
        writer.WriteString("missing_identifier"u8, Word(KinesisFields.MissingIdentifiers, destination.MissingIdentifier));
        if (destination.Format == KinesisFormat.Events)
        {
            if (destination.Events is { } events)
                WriteTexts(writer, "events"u8, events);
            writer.WriteBoolean("identifies"u8, destination.Identifies);
        }
        else
        {
            writer.WriteString("start"u8, Word(KinesisFields.Starts, destination.Start));
        }

        writer.WriteNumber("users_per_record"u8, destination.UsersPerRecord);
        writer.WriteString("linger"u8, DurationText.Format(destination.Linger));
        writer.WriteNumber("records_per_request"u8, destination.Limits.RequestRecordsMax);
        writer.WriteNumber("request_bytes"u8, destination.Limits.RequestBytesMax);
        writer.WriteNumber("record_bytes"u8, destination.Limits.RecordBytesMax);
        writer.WriteNumber("shard_records_per_second"u8, destination.Limits.ShardRecordsPerSecond);
        writer.WriteNumber("shard_bytes_per_second"u8, destination.Limits.ShardBytesPerSecond);
    }

    private static void WriteS3(Utf8JsonWriter writer, S3Destination destination)
    {
        if (destination.Bucket.Length > 0)
            writer.WriteString("bucket"u8, destination.Bucket);
        writer.WriteString("path"u8, destination.Path);
        writer.WriteNumber("project_id"u8, destination.ProjectId);
        writer.WriteString("routing_key"u8, destination.RoutingKey);
        writer.WriteString("require_suffix"u8, destination.RequireSuffix);
        WriteOptional(writer, "match_property"u8, destination.MatchProperty);
        WriteTexts(writer, "user_properties"u8, destination.UserProperties);
        writer.WriteString("sync_interval"u8, DurationText.Format(destination.SyncInterval));
        writer.WriteString("existing"u8, Word(S3Fields.Existings, destination.Existing));
        writer.WriteString("formulas"u8, Word(S3Fields.Formulas, destination.Formulas));
        writer.WriteString("catch_up"u8, Word(S3Fields.CatchUps, destination.CatchUp));
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static string Word<T>((string Word, T Value)[] words, T value)
        where T : struct, Enum =>
        Array.Find(words, word => EqualityComparer<T>.Default.Equals(word.Value, value)).Word;
}
