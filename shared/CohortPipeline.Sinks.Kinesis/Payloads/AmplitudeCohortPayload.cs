using System.Buffers.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// <c>amplitude-cohort</c>: one cohort and one direction a record.
/// <c>{"cohort_name", "cohort_id", "in_cohort", "computed_time", "message_id", "users": [{"user_id", "user_properties"?}]}</c>
/// </summary>
public static class AmplitudeCohortPayload
{
    private const int NumberBytesMax = 20;

    /// <summary>A record of one user.</summary>
    public static void Write(Utf8JsonWriter writer, in Delta delta, ReadOnlySpan<byte> traceParent)
    {
        StartRecord(writer, delta.CohortName, delta.CohortId, delta.Change, delta.ComputedAt, delta.Id);
        WriteUser(writer, delta);
        EndRecord(writer, traceParent);
    }

    /// <summary>Everything before the users.</summary>
    public static void StartRecord(Utf8JsonWriter writer, ReadOnlySpan<byte> cohortName, ReadOnlySpan<byte> cohortId, MembershipChange change, long computedAt, ReadOnlySpan<byte> id)
    {
        Span<byte> messageId = stackalloc byte[MessageIds.OfCohortLengthMax];
        Span<byte> computedTime = stackalloc byte[NumberBytesMax];
        Utf8Formatter.TryFormat(computedAt, computedTime, out var length);
        writer.WriteStartObject();
        writer.WriteString("cohort_name"u8, cohortName);
        writer.WriteString("cohort_id"u8, cohortId);
        writer.WriteBoolean("in_cohort"u8, change == MembershipChange.Enter);
        writer.WriteString("computed_time"u8, computedTime[..length]);
        writer.WriteString("message_id"u8, messageId[..MessageIds.WriteOfCohort(id, change, messageId)]);
        writer.WriteStartArray("users"u8);
    }

    /// <summary>One user of the record; without a user id it appears under its device id.</summary>
    public static void WriteUser(Utf8JsonWriter writer, in Delta delta)
    {
        writer.WriteStartObject();
        writer.WriteString("user_id"u8, delta.UserId.IsEmpty ? delta.DeviceId : delta.UserId);
        if (!delta.Properties.IsEmpty)
        {
            writer.WritePropertyName("user_properties"u8);
            writer.WriteRawValue(delta.Properties, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    public static void EndRecord(Utf8JsonWriter writer, ReadOnlySpan<byte> traceParent)
    {
        writer.WriteEndArray();
        PayloadMembers.TraceParent(writer, traceParent);
        writer.WriteEndObject();
    }
}
