using System.Text.Json;

namespace CohortPipeline.Contracts;

/// <summary>Reads records of <c>activity</c>. What it hands out is borrowed until the next call. One thread uses it.</summary>
public sealed class ActivityReader
{
    private readonly JsonScratch _scratch = new();

    /// <summary>False, with the reason, for bytes that no codec of ours wrote: a dead letter <c>bad_activity</c>.</summary>
    public bool TryRead(ReadOnlySpan<byte> value, out ActivityRecord record, out string error)
    {
        record = default;
        return ActivityScanner.TryScan(value, ref record) ? Check(record, out error) : TryReadAny(value, out record, out error);
    }

    /// <summary>The same for a record in any JSON: white space, escapes, members in another order, members of a newer version.</summary>
    internal bool TryReadAny(ReadOnlySpan<byte> value, out ActivityRecord record, out string error)
    {
        record = default;
        try
        {
            return Read(value, ref record, out error);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            error = $"not a record of activity: {exception.Message}";
            return false;
        }
    }

    private bool Read(ReadOnlySpan<byte> value, ref ActivityRecord record, out string error)
    {
        _scratch.Start(value.Length);
        var reader = new Utf8JsonReader(value, JsonText.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            error = "expected a JSON object";
            return false;
        }

        if (!reader.Read() || !reader.ValueTextEquals("type"u8) || !reader.Read() || !ActivityTypes.TryParse(reader.ValueSpan, out record.Type))
        {
            error = "expected the member `type` first, with a type of inputs.md §7";
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader, value, ref record);
        return Check(record, out error);
    }

    private void ReadMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> value, ref ActivityRecord record)
    {
        var name = reader.ValueSpan;
        reader.Read();
        switch (name)
        {
            case var _ when name.SequenceEqual("event"u8): record.Event = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("l"u8): record.Timestamp = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("user_id"u8): record.UserId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("device_id"u8): record.DeviceId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("time"u8): record.Time = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("insert_id"u8): record.InsertId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("src"u8): record.Source = ReadSource(ref reader); break;
            case var _ when name.SequenceEqual("moved"u8): record.Moved = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("via"u8): record.Via = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("user_properties"u8): record.UserProperties = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("properties"u8): record.Properties = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("context"u8): record.Context = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("topic"u8): record.Topic = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("partitions"u8): record.PartitionCount = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("read"u8): record.Read = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("until"u8): record.Until = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("change"u8): record.Change = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("part"u8): record.Part = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("parts"u8): record.Parts = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("cohort_id"u8): record.CohortId = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("version"u8): record.Version = reader.GetInt32(); break;
            case var _ when name.SequenceEqual("definition"u8): record.Definition = JsonScratch.Raw(ref reader, value); break;
            case var _ when name.SequenceEqual("from"u8): record.From = _scratch.Text(ref reader); break;
            case var _ when name.SequenceEqual("first_seen_at"u8): record.FirstSeenAt = reader.GetInt64(); break;
            case var _ when name.SequenceEqual("state"u8): record.State = _scratch.Text(ref reader); break;
            default: reader.Skip(); break;
        }
    }

    private ActivitySource ReadSource(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var topic = _scratch.Text(ref reader);
        reader.Read();
        var partition = reader.GetInt32();
        reader.Read();
        var offset = reader.GetInt64();
        reader.Read();
        var entry = reader.GetInt32();
        reader.Read();
        return new(topic, partition, offset, entry);
    }

    private static bool Check(in ActivityRecord record, out string error)
    {
        error = record.Type switch
        {
            ActivityType.Event when record.Event.IsEmpty => "an event without `event`",
            ActivityType.Event or ActivityType.Identify when record.UserId.IsEmpty && record.DeviceId.IsEmpty => "a record without `user_id` and `device_id`",
            ActivityType.Watermark when record.Until is null && (record.Topic.IsEmpty || record.Read.IsEmpty) => "a watermark without `topic` and `read`, or `until`",
            ActivityType.Definition when record.Change.IsEmpty || record.CohortId.IsEmpty || record.Part < 1 || record.Part > record.Parts => "a definition without `change`, `cohort_id` and a `part` of `parts`",
            _ => "",
        };
        return error.Length == 0;
    }
}
