using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>The keys of <c>memberships</c>: cohort id, a slash, profile key.</summary>
public static class MembershipKey
{
    public static int Write(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, Span<byte> destination)
    {
        cohortId.CopyTo(destination);
        destination[cohortId.Length] = (byte)'/';
        profileKey.CopyTo(destination[(cohortId.Length + 1)..]);
        return cohortId.Length + 1 + profileKey.Length;
    }

    /// <summary>A cohort id has no slash, so the first one parts the two.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> cohortId, out ReadOnlySpan<byte> profileKey)
    {
        var slash = key.IndexOf((byte)'/');
        cohortId = slash > 0 ? key[..slash] : default;
        profileKey = slash > 0 ? key[(slash + 1)..] : default;
        return slash > 0 && !profileKey.IsEmpty;
    }
}

/// <summary>Rows of <c>memberships</c> as JSON.</summary>
public static class MembershipWriter
{
    public static void Write(Utf8JsonWriter writer, in MembershipRow row)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("in"u8, row.In);
        JsonMembers.Time(writer, "entered_at"u8, row.EnteredAt);
        if (row.ExitedAt is { } exitedAt)
            JsonMembers.Time(writer, "exited_at"u8, exitedAt);
        JsonMembers.Time(writer, "at"u8, row.At);
        writer.WriteNumber("version"u8, row.Version);
        writer.WriteNumber("computed_at"u8, row.ComputedAt);
        JsonMembers.Time(writer, "first_seen_at"u8, row.FirstSeenAt);
        writer.WriteStartObject("ids"u8);
        JsonMembers.Text(writer, "user_id"u8, row.UserId);
        JsonMembers.Text(writer, "device_id"u8, row.DeviceId);
        writer.WriteNumber("amplitude_id"u8, row.AmplitudeId);
        writer.WriteEndObject();
        JsonMembers.Raw(writer, "properties"u8, row.Properties);
        writer.WriteEndObject();
    }
}

/// <summary>Reads rows of <c>memberships</c>. What it hands out is borrowed until the next call. One thread uses it.</summary>
public sealed class MembershipReader
{
    private readonly JsonScratch _scratch = new();

    /// <summary>Instants are passed over, and are 0 in the row: for whoever reads rows by the million and needs none.</summary>
    public bool WithoutTimes { get; init; }

    /// <summary>False, with the reason, for bytes that are no row.</summary>
    public bool TryRead(ReadOnlySpan<byte> value, out MembershipRow row, out string error)
    {
        row = default;
        try
        {
            Read(value, ref row);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            error = $"not a membership row: {exception.Message}";
            return false;
        }

        error = row.Version > 0 ? "" : "a membership row without `version`";
        return error.Length == 0;
    }

    private void Read(ReadOnlySpan<byte> value, ref MembershipRow row)
    {
        _scratch.Start(value.Length);
        var reader = new Utf8JsonReader(value, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader, value, ref row);
    }

    private void ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> value, ref MembershipRow row)
    {
        var name = reader.ValueSpan;
        reader.Read();
        switch (name)
        {
            case var _ when name.SequenceEqual("in"u8): row.In = reader.GetBoolean(); break;
            case var _ when WithoutTimes && name.EndsWith("at"u8) && !name.SequenceEqual("computed_at"u8): reader.Skip(); break;
            case var _ when name.SequenceEqual("entered_at"u8): row.EnteredAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("exited_at"u8): row.ExitedAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("at"u8): row.At = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("version"u8): row.Version = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("computed_at"u8): row.ComputedAt = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("first_seen_at"u8): row.FirstSeenAt = JsonMembers.ReadTime(ref reader); break;
            case var _ when name.SequenceEqual("ids"u8): ReadIds(ref reader, ref row); break;
            case var _ when name.SequenceEqual("properties"u8): row.Properties = JsonScratch.Raw(ref reader, value); break;
            default: reader.Skip(); break;
        }
    }

    private void ReadIds(scoped ref Utf8JsonReader reader, ref MembershipRow row)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("user_id"u8))
                row.UserId = _scratch.Text(ref reader);
            else if (name.SequenceEqual("device_id"u8))
                row.DeviceId = _scratch.Text(ref reader);
            else
                row.AmplitudeId = reader.GetInt64();
        }
    }
}
