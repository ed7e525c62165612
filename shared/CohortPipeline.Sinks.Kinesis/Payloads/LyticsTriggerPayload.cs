using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// <c>lytics-trigger</c>: one record a user and evaluation, with all its changes.
/// <c>{"id", "data": {"_created", "_modified", …profile properties, "user_id", "segment_events": […]}, "meta": {"subscription_id", "timestamp"}}</c>
/// </summary>
public sealed class LyticsTriggerPayload(string destinationId)
{
    /// <summary>The instant that stands for "not known yet".</summary>
    private const string OpenEnd = "2099-12-31T00:00:00.000000000Z";

    private static readonly string[] OwnNames = ["_created", "_modified", "user_id", "segment_events"];

    private const int HashDigits = 32;
    private const int TimeLength = 30;

    private readonly string _subscriptionId = HashOf(Encoding.UTF8.GetBytes(destinationId));
    private readonly DeltaReader _reader = new();
    private readonly RecurringTexts _texts = new();
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>The first 32 hex digits of SHA-256.</summary>
    public static string HashOf(ReadOnlySpan<byte> id) => Convert.ToHexStringLower(SHA256.HashData(id))[..HashDigits];

    /// <param name="writer">Where to.</param>
    /// <param name="changes">The deltas as they lie in the topic, parts of one evaluation of one user, in order; at least one.</param>
    /// <param name="traceParent">Empty for none.</param>
    public void Write(Utf8JsonWriter writer, ChangeBuffer changes, ReadOnlySpan<byte> traceParent)
    {
        var first = Read(changes[0]);
        writer.WriteStartObject();
        writer.WriteString("id"u8, first.Id);
        writer.WriteStartObject("data"u8);
        WriteTime(writer, "_created"u8, first.FirstSeenAt);
        WriteTime(writer, "_modified"u8, first.At);
        WriteProperties(writer, changes);
        first = Read(changes[0]);
        writer.WriteString("user_id"u8, first.UserId.IsEmpty ? first.DeviceId : first.UserId);
        var at = first.At;
        writer.WriteStartArray("segment_events"u8);
        for (var change = 0; change < changes.Count; change++)
            WriteEvent(writer, Read(changes[change]));
        writer.WriteEndArray();
        writer.WriteEndObject();
        WriteMeta(writer, at);
        PayloadMembers.TraceParent(writer, traceParent);
        writer.WriteEndObject();
    }

    /// <summary>A record of nobody's, in which nothing has changed: for a receiver to take and to do nothing.</summary>
    internal void WriteNothing(Utf8JsonWriter writer, string id, long at)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteStartObject("data"u8);
        WriteTime(writer, "_created"u8, at);
        WriteTime(writer, "_modified"u8, at);
        writer.WriteString("user_id"u8, ""u8);
        writer.WriteStartArray("segment_events"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
        WriteMeta(writer, at);
        writer.WriteEndObject();
    }

    private void WriteMeta(Utf8JsonWriter writer, long at)
    {
        writer.WriteStartObject("meta"u8);
        writer.WriteString("subscription_id"u8, _subscriptionId);
        WriteTime(writer, "timestamp"u8, at);
        writer.WriteEndObject();
    }

    private void WriteEvent(Utf8JsonWriter writer, in Delta delta)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, SegmentIdOf(delta.CohortId));
        writer.WriteString("event"u8, delta.Change == MembershipChange.Enter ? "enter"u8 : "exit"u8);
        WriteTime(writer, "enter"u8, delta.EnteredAt);
        if (delta.ExitedAt is { } exitedAt)
            WriteTime(writer, "exit"u8, exitedAt);
        else
            writer.WriteString("exit"u8, OpenEnd);
        writer.WriteString("slug"u8, delta.CohortId);
        writer.WriteEndObject();
    }

    /// <summary>The union of what the changed cohorts export, each property once; names of the format's own win.</summary>
    private void WriteProperties(Utf8JsonWriter writer, ChangeBuffer changes)
    {
        _written.Clear();
        foreach (var name in OwnNames)
            _written.Add(name);
        for (var change = 0; change < changes.Count; change++)
        {
            var properties = Read(changes[change]).Properties;
            if (properties.IsEmpty)
                continue;
            var reader = new Utf8JsonReader(properties, JsonText.ReaderOptions);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _texts.OfProperty(ref reader);
                reader.Read();
                var value = JsonScratch.Raw(ref reader, properties);
                if (!_written.Add(name))
                    continue;
                writer.WritePropertyName(name);
                writer.WriteRawValue(value, skipInputValidation: true);
            }
        }
    }

    private string SegmentIdOf(ReadOnlySpan<byte> cohortId)
    {
        var text = _texts.Of(cohortId);
        if (!_hashes.TryGetValue(text, out var hash))
            _hashes.Add(text, hash = HashOf(cohortId));
        return hash;
    }

    private Delta Read(ReadOnlySpan<byte> value) =>
        _reader.TryRead(value, out var delta, out var error) ? delta : throw new InvalidOperationException($"a delta that was read before is none now: {error}");

    /// <summary>RFC 3339 with nine decimals.</summary>
    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long instant)
    {
        Span<byte> text = stackalloc byte[TimeLength];
        Instant.WriteRfc3339(instant, text);
        "000000Z"u8.CopyTo(text[(Instant.Rfc3339Length - 1)..]);
        writer.WriteString(name, text);
    }
}
