using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>The manifest of a sync: uploaded last, so that a set is complete when it is there. JSON, a public contract.</summary>
public static class SyncManifest
{
    public const int Version = 1;

    private static readonly JsonWriterOptions Readable = JsonText.WriterOptions with { Indented = true, NewLine = "\n" };

    public static ReadOnlyMemory<byte> Render(SyncContext context, IReadOnlyList<SyncFile> files)
    {
        var plan = context.Plan;
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            writer.WriteStartObject();
            writer.WriteNumber("manifest_version"u8, Version);
            writer.WriteString("destination_id"u8, context.DestinationId);
            writer.WriteString("cohort_id"u8, context.CohortId);
            writer.WriteNumber("cohort_version"u8, plan.CohortVersion);
            writer.WriteString("sync"u8, Instant.ToRfc3339(plan.Boundary));
            if (context.Previous is { } previous)
                writer.WriteString("previous_sync"u8, Instant.ToRfc3339(previous.Boundary));
            else
                writer.WriteNull("previous_sync"u8);
            if (plan.Resync)
                writer.WriteBoolean("resync"u8, true);
            writer.WriteString("existing"u8, plan.Layout.Existing == ExistingMembers.Stayed ? "stayed"u8 : "at_last_sync"u8);
            WriteFiles(writer, files);
            if (plan.TraceParent is { } traceParent)
                writer.WriteString("traceparent"u8, traceParent);
            writer.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }

    private static void WriteFiles(Utf8JsonWriter writer, IReadOnlyList<SyncFile> files)
    {
        writer.WriteStartArray("files"u8);
        foreach (var file in files)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ObjectNames.WordOf(file.Type));
            writer.WriteString("key"u8, file.Key);
            writer.WriteNumber("rows"u8, file.Rows);
            writer.WriteNumber("bytes"u8, file.Digest.Bytes);
            writer.WriteString("sha256"u8, file.Digest.Sha256);
            writer.WriteString("crc64nvme"u8, file.Digest.Crc64Nvme);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
