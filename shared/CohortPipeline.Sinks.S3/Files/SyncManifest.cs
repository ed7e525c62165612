using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>The manifest of a sync: uploaded last, so that a set is complete when it is there. JSON, a public contract.</summary>
public static class SyncManifest
{
    public const int Version = 1;

    private static readonly JsonWriterOptions Readable = JsonText.WriterOptions with { Indented = true, NewLine = "\n" };

    public static SyncObject Render(SyncContext context, IReadOnlyList<SyncObject> files)
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
            writer.WriteString("existing"u8, plan.Layout.Existing == ExistingMembers.Stayed ? "stayed"u8 : "at_last_sync"u8);
            WriteFiles(writer, files);
            if (plan.TraceParent is { } traceParent)
                writer.WriteString("traceparent"u8, traceParent);
            writer.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return SyncObject.Of(ObjectNames.Manifest(plan.Layout, context.CohortId, plan.Boundary), "application/json", files.Count, bytes.WrittenMemory) with { TraceParent = plan.TraceParent };
    }

    private static void WriteFiles(Utf8JsonWriter writer, IReadOnlyList<SyncObject> files)
    {
        writer.WriteStartArray("files"u8);
        for (var index = 0; index < files.Count; index++)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ObjectNames.WordOf(ObjectNames.DiffTypes[index]));
            writer.WriteString("key"u8, files[index].Key);
            writer.WriteNumber("rows"u8, files[index].Rows);
            writer.WriteNumber("bytes"u8, files[index].Body.Length);
            writer.WriteString("sha256"u8, files[index].Sha256);
            writer.WriteString("crc64nvme"u8, files[index].Crc64Nvme);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
