using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// <c>events</c>: one event in the field names of Amplitude's Export API. Fields that are always there are null where the
/// record has none; what else the context holds follows them. An identify call has the event type <c>$identify</c>.
/// </summary>
public sealed class EventPayload
{
    private const string SetOperation = "$set";
    private const int TimeLength = 26;
    private const int UuidBytes = 16;
    private const int SourceTextBytesMax = 64;

    private readonly (int Start, int End)[] _found = new (int, int)[EventFields.FromContext.Length];
    private readonly List<(string Name, int Start, int End)> _others = [];
    private readonly RecurringTexts _names = new();

    /// <param name="writer">Where to.</param>
    /// <param name="record">An event or an identify call.</param>
    /// <param name="profileKey">Key of the record: what the amplitude id is made of.</param>
    /// <param name="traceParent">Empty for none.</param>
    public void Write(Utf8JsonWriter writer, in ActivityRecord record, ReadOnlySpan<byte> profileKey, ReadOnlySpan<byte> traceParent)
    {
        Span<byte> time = stackalloc byte[TimeLength];
        WriteTime(record.Time ?? record.Timestamp, time);
        var isIdentify = record.Type == ActivityType.Identify;
        ReadOnlySpan<byte> type = isIdentify ? "$identify"u8 : record.Event;

        writer.WriteStartObject();
        writer.WriteString("event_type"u8, type);
        WriteText(writer, "user_id"u8, record.UserId);
        WriteText(writer, "device_id"u8, record.DeviceId);
        writer.WriteString("event_time"u8, time);
        writer.WriteNumber("amplitude_id"u8, ProfileKey.AmplitudeId(profileKey));
        writer.WriteString("uuid"u8, Uuid(record.Source));
        WriteText(writer, "$insert_id"u8, record.InsertId);
        WriteRaw(writer, "event_properties"u8, record.Properties);
        WriteRaw(writer, "user_properties"u8, isIdentify ? record.UserProperties : BareProperties(record.UserProperties));
        WriteContext(writer, record.Context);
        writer.WriteString("event_name"u8, type);
        writer.WriteString("created_at"u8, time);
        PayloadMembers.TraceParent(writer, traceParent);
        writer.WriteEndObject();
    }

    /// <summary>The event's id, and its message id: a UUID (version 8) made of SHA-256 over topic, partition, offset and entry of the producer's record.</summary>
    public static Guid Uuid(in ActivitySource source)
    {
        Span<byte> input = stackalloc byte[source.Topic.Length + SourceTextBytesMax];
        source.Topic.CopyTo(input);
        var length = source.Topic.Length;
        length += Append(input[length..], source.Partition);
        length += Append(input[length..], source.Offset);
        length += Append(input[length..], source.Entry);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..length], hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new(hash[..UuidBytes], bigEndian: true);
    }

    private static int Append(Span<byte> target, long number)
    {
        target[0] = 0;
        number.TryFormat(target[1..], out var written, default, CultureInfo.InvariantCulture);
        return written + 1;
    }

    private void WriteContext(Utf8JsonWriter writer, ReadOnlySpan<byte> context)
    {
        FindFields(context);
        for (var i = 0; i < _found.Length; i++)
        {
            writer.WritePropertyName(EventFields.FromContext[i]);
            var (start, end) = _found[i];
            if (end > start)
                writer.WriteRawValue(context[start..end], skipInputValidation: true);
            else
                writer.WriteNullValue();
        }

        foreach (var (name, start, end) in _others)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(context[start..end], skipInputValidation: true);
        }
    }

    private void FindFields(ReadOnlySpan<byte> context)
    {
        Array.Clear(_found);
        _others.Clear();
        if (context.IsEmpty)
            return;
        var reader = new Utf8JsonReader(context, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _names.OfProperty(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (EventFields.IndexOf(name) is >= 0 and var place)
                _found[place] = (start, end);
            else if (!EventFields.IsOwn(name))
                _others.Add((name, start, end));
        }
    }

    /// <summary>Properties on an event that were given bare come back bare; operations stay operations.</summary>
    private static ReadOnlySpan<byte> BareProperties(ReadOnlySpan<byte> operations)
    {
        if (operations.IsEmpty)
            return operations;
        var reader = new Utf8JsonReader(operations, JsonText.ReaderOptions);
        reader.Read();
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(SetOperation))
            return operations;
        reader.Read();
        var values = JsonScratch.Raw(ref reader, operations);
        return reader.Read() && reader.TokenType == JsonTokenType.EndObject ? values : operations;
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            writer.WriteNull(name);
        else
            writer.WriteString(name, text);
    }

    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        writer.WritePropertyName(name);
        if (json.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary><c>yyyy-MM-dd HH:mm:ss.ffffff</c>, UTC.</summary>
    private static void WriteTime(long instant, Span<byte> target)
    {
        Span<byte> text = stackalloc byte[Instant.Rfc3339Length];
        Instant.WriteRfc3339(instant, text);
        text[..^1].CopyTo(target);
        target["yyyy-MM-dd".Length] = (byte)' ';
        "000"u8.CopyTo(target[(Instant.Rfc3339Length - 1)..]);
    }
}
