using System.Buffers;
using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>Writes records of <c>activity</c>: JSON in the member order of <c>docs/spec/inputs.md</c> §7, absent members left out.</summary>
public static class ActivityWriter
{
    /// <summary>Appends the record to a buffer.</summary>
    /// <param name="writer">Writes to the same buffer what has to be escaped.</param>
    public static void Write(ArrayBufferWriter<byte> buffer, Utf8JsonWriter writer, in ActivityRecord record)
    {
        if (ActivityPrinter.TryPrint(record, buffer.GetSpan(ActivityPrinter.LengthMax(record)), out var length))
        {
            buffer.Advance(length);
            return;
        }

        writer.Reset();
        Write(writer, record);
        writer.Flush();
    }

    public static void Write(Utf8JsonWriter writer, in ActivityRecord record)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ActivityTypes.Name(record.Type));
        switch (record.Type)
        {
            case ActivityType.Event:
                writer.WriteString("event"u8, record.Event);
                WriteOrigin(writer, record);
                JsonMembers.Raw(writer, "user_properties"u8, record.UserProperties);
                JsonMembers.Raw(writer, "properties"u8, record.Properties);
                JsonMembers.Raw(writer, "context"u8, record.Context);
                break;
            case ActivityType.Identify:
                WriteOrigin(writer, record);
                JsonMembers.Raw(writer, "user_properties"u8, record.UserProperties);
                break;
            case ActivityType.Watermark:
                if (record.Until is { } until)
                {
                    writer.WriteNumber("until"u8, until);
                    break;
                }

                writer.WriteString("topic"u8, record.Topic);
                writer.WriteNumber("partitions"u8, record.PartitionCount);
                JsonMembers.Raw(writer, "read"u8, record.Read);
                break;
            case ActivityType.Definition:
                writer.WriteString("change"u8, record.Change);
                writer.WriteNumber("part"u8, record.Part);
                writer.WriteNumber("parts"u8, record.Parts);
                writer.WriteString("cohort_id"u8, record.CohortId);
                writer.WriteNumber("version"u8, record.Version);
                JsonMembers.Raw(writer, "definition"u8, record.Definition);
                break;
            case ActivityType.Live:
                writer.WriteString("cohort_id"u8, record.CohortId);
                writer.WriteNumber("version"u8, record.Version);
                break;
            case ActivityType.Link:
                writer.WriteNumber("l"u8, record.Timestamp);
                JsonMembers.Text(writer, "device_id"u8, record.DeviceId);
                writer.WriteString("user_id"u8, record.UserId);
                JsonMembers.Raw(writer, "via"u8, record.Via);
                break;
            case ActivityType.Merge:
                writer.WriteString("from"u8, record.From);
                JsonMembers.Raw(writer, "via"u8, record.Via);
                writer.WriteNumber("first_seen_at"u8, record.FirstSeenAt);
                JsonMembers.Raw(writer, "user_properties"u8, record.UserProperties);
                JsonMembers.Text(writer, "state"u8, record.State);
                break;
            case ActivityType.Forget:
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteOrigin(Utf8JsonWriter writer, in ActivityRecord record)
    {
        writer.WriteNumber("l"u8, record.Timestamp);
        JsonMembers.Text(writer, "user_id"u8, record.UserId);
        JsonMembers.Text(writer, "device_id"u8, record.DeviceId);
        if (record.Time is { } time)
            writer.WriteNumber("time"u8, time);
        JsonMembers.Text(writer, "insert_id"u8, record.InsertId);
        if (record.Source.Exists)
        {
            writer.WriteStartArray("src"u8);
            writer.WriteStringValue(record.Source.Topic);
            writer.WriteNumberValue(record.Source.Partition);
            writer.WriteNumberValue(record.Source.Offset);
            writer.WriteNumberValue(record.Source.Entry);
            writer.WriteEndArray();
        }

        if (record.Moved is { } moved)
            writer.WriteNumber("moved"u8, moved);
        JsonMembers.Raw(writer, "via"u8, record.Via);
    }
}
