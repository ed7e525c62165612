using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>
/// Producers' records in any shape (<c>docs/spec/inputs.md</c>) to records of <c>activity</c> or dead letters, and nothing
/// else. Pure: the same record and clock give the same bytes. Works in buffers of its own, without allocation for good
/// records; one thread uses it.
/// </summary>
public sealed class Normalizer : IDisposable
{
    /// <summary>Largest normalized record by default (<c>max.record.bytes</c>).</summary>
    public const int DefaultRecordBytesMax = 1024 * 1024;

    private const int KeyBytesMax = ProducerId.BytesMax + 2;

    private readonly int _recordBytesMax;
    private readonly NormalizedRecords _results = new();
    private readonly JsonObject _record = new();
    private readonly FieldReader _fields;
    private readonly SegmentShape _segment;
    private readonly Utf8JsonWriter _writer;
    private readonly List<(int Start, int End)> _entries = [];

    public Normalizer(int recordBytesMax = DefaultRecordBytesMax)
    {
        _recordBytesMax = recordBytesMax;
        _fields = new(_record);
        _segment = new(_fields);
        _writer = new(_results.Buffer, JsonText.WriterOptions);
    }

    /// <summary>What the record becomes; borrowed until the next call.</summary>
    /// <param name="source">The producer's record.</param>
    /// <param name="wallClock">Now, epoch milliseconds: no record's timestamp <c>L</c> is later.</param>
    public NormalizedRecords Normalize(in SourceRecord source, long wallClock)
    {
        _results.Clear();
        var timestamp = source.Timestamp < 0 ? wallClock : Math.Min(source.Timestamp, wallClock);
        var rejection = SourceBody.Read(source, out var body, out var isFramed);
        if (!rejection.Exists)
            rejection = ReadDocument(body, isFramed);
        if (!rejection.Exists)
            rejection = NormalizeDocument(source, timestamp, body);
        if (rejection.Exists)
            _results.AddDeadLetter(rejection);
        return _results;
    }

    public void Dispose() => _writer.Dispose();

    private Rejection ReadDocument(ReadOnlySpan<byte> body, bool isFramed)
    {
        var problem = JsonCheck.TextProblem(body);
        if (problem.Length > 0)
            return NotJson(problem, isFramed);
        try
        {
            return _record.Read(body) ? default : new(DeadLetterReason.UnknownShape, "JSON, but no object");
        }
        catch (JsonException exception)
        {
            return JsonCheck.IsOnlyTooDeep(body)
                ? new(DeadLetterReason.TooDeep, $"nested deeper than {JsonText.DepthMax}")
                : NotJson(exception.Message, isFramed);
        }
    }

    private static Rejection NotJson(string problem, bool isFramed) => isFramed
        ? new(DeadLetterReason.BadSchemaFrame, $"the body in the schema frame is not JSON (Avro and Protobuf are not read): {problem}")
        : new(DeadLetterReason.NotJson, problem);

    private Rejection NormalizeDocument(in SourceRecord source, long timestamp, ReadOnlySpan<byte> body)
    {
        var shape = Shapes.Of(_record, body, isEntry: false);
        if (shape != Shape.AmplitudeBatch)
            return NormalizeOne(source, timestamp, body, shape, entry: 0, isEntry: false);
        FindEntries(body);
        if (_entries.Count == 0)
            return new(DeadLetterReason.Empty, "a batch without entries");
        for (var entry = 0; entry < _entries.Count; entry++)
        {
            var json = body[_entries[entry].Start.._entries[entry].End];
            var rejection = _record.Read(json)
                ? NormalizeOne(source, timestamp, json, Shapes.Of(_record, json, isEntry: true), entry, isEntry: true)
                : new(DeadLetterReason.UnknownShape, "an entry of a batch that is no object");
            if (rejection.Exists)
                _results.AddDeadEntry(rejection, entry, json);
        }

        return default;
    }

    private void FindEntries(ReadOnlySpan<byte> body)
    {
        _entries.Clear();
        AddEntries(body, _record[MemberName.Events]);
        AddEntries(body, _record[MemberName.Identification]);
    }

    private void AddEntries(ReadOnlySpan<byte> body, scoped in JsonMember list)
    {
        if (!list.IsArray)
            return;
        var reader = new Utf8JsonReader(body[list.ValueStart..list.ValueEnd], JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = list.ValueStart + (int)reader.TokenStartIndex;
            reader.Skip();
            _entries.Add((start, list.ValueStart + (int)reader.BytesConsumed));
        }
    }

    private Rejection NormalizeOne(in SourceRecord source, long timestamp, ReadOnlySpan<byte> json, Shape shape, int entry, bool isEntry)
    {
        var record = new ActivityRecord
        {
            Timestamp = timestamp,
            Source = new(source.Topic, source.Partition, source.Offset, entry),
        };
        ReadOnlySpan<byte> previousUserId = default;
        var rejection = shape switch
        {
            Shape.Segment => _segment.Read(json, ref record, out previousUserId),
            Shape.AmplitudeEvent => AmplitudeShape.ReadEvent(_fields, json, ref record),
            Shape.AmplitudeIdentify => AmplitudeShape.ReadIdentify(_fields, json, ref record),
            Shape.Plain => PlainShape.ReadEvent(_fields, json, ref record),
            Shape.PlainIdentify => PlainShape.ReadIdentify(_fields, json, ref record),
            _ => new(DeadLetterReason.UnknownShape, "an object of none of the known shapes"),
        };
        if (rejection.Exists)
            return rejection;
        source.Value.Overlaps(json, out var sourceStart);
        return Write(record, previousUserId, entry, isEntry, sourceStart, json.Length);
    }

    private Rejection Write(in ActivityRecord record, ReadOnlySpan<byte> previousUserId, int entry, bool isEntry, int sourceStart, int sourceLength)
    {
        var buffer = _results.Buffer;
        var keyStart = buffer.WrittenCount;
        var keyLength = record.Type == ActivityType.Link
            ? ProfileKey.Write(previousUserId, record.DeviceId, buffer.GetSpan(KeyBytesMax))
            : ProfileKey.Write(record.UserId, record.DeviceId, buffer.GetSpan(KeyBytesMax));
        buffer.Advance(keyLength);
        ActivityWriter.Write(buffer, _writer, record);
        var valueLength = buffer.WrittenCount - keyStart - keyLength;
        if (valueLength > _recordBytesMax)
            return new(DeadLetterReason.TooLarge, $"{valueLength} bytes as a normalized record; at most {_recordBytesMax} are allowed");
        _results.Add(new(DeadLetterReason.None, "", entry, isEntry, record.Time)
        {
            KeyStart = keyStart,
            KeyLength = keyLength,
            ValueLength = valueLength,
            SourceStart = sourceStart,
            SourceLength = sourceLength,
        });
        return default;
    }
}
