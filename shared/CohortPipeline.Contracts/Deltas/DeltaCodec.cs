using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>Deltas as JSON, members in the order of <c>docs/spec/cohorts.md</c> §6, absent ones left out.</summary>
public static class DeltaWriter
{
    public static void Write(Utf8JsonWriter writer, in Delta delta)
    {
        writer.WriteStartObject();
        writer.WriteString("delta_id"u8, delta.Id);
        writer.WriteString("cohort_id"u8, delta.CohortId);
        writer.WriteString("cohort_name"u8, delta.CohortName);
        writer.WriteNumber("definition_version"u8, delta.DefinitionVersion);
        JsonMembers.Text(writer, "user_id"u8, delta.UserId);
        JsonMembers.Text(writer, "device_id"u8, delta.DeviceId);
        writer.WriteNumber("amplitude_id"u8, delta.AmplitudeId);
        writer.WriteString("change"u8, delta.Change == MembershipChange.Enter ? "enter"u8 : "exit"u8);
        writer.WriteString("reason"u8, DeltaReasons.Name(delta.Reason));
        JsonMembers.Time(writer, "at"u8, delta.At);
        JsonMembers.Time(writer, "entered_at"u8, delta.EnteredAt);
        if (delta.ExitedAt is { } exitedAt)
            JsonMembers.Time(writer, "exited_at"u8, exitedAt);
        writer.WriteNumber("computed_at"u8, delta.ComputedAt);
        JsonMembers.Time(writer, "first_seen_at"u8, delta.FirstSeenAt);
        writer.WriteNumber("version"u8, delta.Version);
        writer.WriteNumber("part"u8, delta.Part);
        writer.WriteNumber("parts"u8, delta.Parts);
        JsonMembers.Raw(writer, "properties"u8, delta.Properties);
        if (delta.HasSource)
        {
            writer.WriteStartObject("source"u8);
            writer.WriteNumber("partition"u8, delta.SourcePartition);
            writer.WriteNumber("offset"u8, delta.SourceOffset);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}

/// <summary>Reads deltas. What it hands out is borrowed until the next call. One thread uses it.</summary>
public sealed class DeltaReader
{
    private readonly JsonScratch _scratch = new();

    /// <summary>False, with the reason, for bytes that are no delta.</summary>
    public bool TryRead(ReadOnlySpan<byte> value, out Delta delta, out string error)
    {
        delta = Empty;
        return DeltaScanner.TryScan(value, ref delta) ? Check(delta, out error) : TryReadAny(value, out delta, out error);
    }

    /// <summary>The same for a delta in any JSON: white space, escapes, members in another order, members of a newer version.</summary>
    internal bool TryReadAny(ReadOnlySpan<byte> value, out Delta delta, out string error)
    {
        delta = Empty;
        try
        {
            Read(value, ref delta);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            error = $"not a delta: {exception.Message}";
            return false;
        }

        return Check(delta, out error);
    }

    private static Delta Empty => new() { SourcePartition = -1, SourceOffset = -1 };

    private static bool Check(in Delta delta, out string error)
    {
        error = delta.Id.Length == DeltaId.Length && !delta.CohortId.IsEmpty && delta.Version > 0 ? "" : "a delta without `delta_id`, `cohort_id` or `version`";
        return error.Length == 0;
    }

    private void Read(ReadOnlySpan<byte> value, ref Delta delta)
    {
        _scratch.Start(value.Length);
        var reader = new Utf8JsonReader(value, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader, value, ref delta);
    }

    private void ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> value, ref Delta delta)
    {
        var name = reader.ValueSpan;
        reader.Read();
        switch (name)
        {
            case var _ when name.SequenceEqual("delta_id"u8): delta.Id = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("cohort_id"u8): delta.CohortId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("cohort_name"u8): delta.CohortName = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("definition_version"u8): delta.DefinitionVersion = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("user_id"u8): delta.UserId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("device_id"u8): delta.DeviceId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("amplitude_id"u8): delta.AmplitudeId = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("change"u8): delta.Change = reader.ValueTextEquals("enter"u8) ? MembershipChange.Enter : MembershipChange.Exit; break;
            case var _ when name.SequenceEqual("reason"u8): delta.Reason = DeltaReasons.Parse(reader.ValueSpan); break;
            case var _ when name.SequenceEqual("at"u8): delta.At = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("entered_at"u8): delta.EnteredAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("exited_at"u8): delta.ExitedAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("computed_at"u8): delta.ComputedAt = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("first_seen_at"u8): delta.FirstSeenAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("version"u8): delta.Version = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("part"u8): delta.Part = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("parts"u8): delta.Parts = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("properties"u8): delta.Properties = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("source"u8): ReadSource(ref reader, ref delta); break;
            default: reader.Skip(); break;
        }
    }

    private static void ReadSource(scoped ref Utf8JsonReader reader, ref Delta delta)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPartition = reader.ValueTextEquals("partition"u8);
            reader.Read();
            if (isPartition)
                delta.SourcePartition = reader.GetInt32();
            else
                delta.SourceOffset = reader.GetInt64();
        }
    }
}
