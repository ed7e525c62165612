using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Backtest;

/// <summary>Reads a <c>*.cohort-test.yaml</c>, one document, all errors at once.</summary>
public static class CohortTestReader
{
    private const string InstantExpected = "an instant such as 2026-03-01T10:00:00Z, or a date (UTC)";

    private static readonly Vocabulary FileFields = new(["cohorts", "cases"]);
    private static readonly Vocabulary CaseFields = new(["name", "records", "deltas"]);
    private static readonly Vocabulary RecordFields = new(["at", "user", "device", "event", "identify", "advance", "time", "insert_id", "properties", "user_properties", "context"]);
    private static readonly Vocabulary DeltaNames = new([.. DeltaFields.Names]);

    /// <param name="text">The file's content.</param>
    /// <param name="fileName">Stands in errors.</param>
    /// <param name="readCohorts">Reads the definitions of a file or folder that the test names; throws <see cref="IOException"/> where it cannot.</param>
    public static CohortTestReading Read(string text, string fileName, Func<string, IReadOnlyList<ParseResult>> readCohorts)
    {
        var errors = new ErrorCollector(fileName);
        var documents = SourceText.Read(text, out var syntaxError);
        if (syntaxError is not null)
            errors.Add(syntaxError);
        else if (documents.Count != 1)
            errors.Add(1, 1, "", $"{documents.Count} documents", "one, an object with `cohorts` and `cases`", null);
        if (errors.Count > 0)
            return new(null, errors.InOrder());

        var others = new List<DefinitionError>();
        var file = ReadFile(new(documents[0], "", errors), fileName, readCohorts, others);
        return errors.Count + others.Count == 0 ? new(file, []) : new(null, [.. errors.InOrder(), .. others]);
    }

    private static CohortTestFile ReadFile(Cursor cursor, string fileName, Func<string, IReadOnlyList<ParseResult>> readCohorts, List<DefinitionError> others)
    {
        var definitions = new List<CohortDefinition>();
        var cases = new List<CohortTestCase>();
        foreach (var (name, value) in Fields(cursor, FileFields, "an object with `cohorts` and `cases`", ["cohorts", "cases"]))
        {
            var items = value.Items("a list of at least one", 1, int.MaxValue) ?? [];
            var ids = new Dictionary<string, SourceNode>(StringComparer.Ordinal);
            for (var i = 0; i < items.Count; i++)
            {
                if (name == "cases")
                    cases.Add(ReadCase(value.Item(i)));
                else
                    definitions.AddRange(ReadCohorts(value.Item(i), ids, readCohorts, others));
            }
        }

        return new(fileName, definitions, cases);
    }

    /// <summary>A definition in place, or the path of a file of them.</summary>
    private static List<CohortDefinition> ReadCohorts(Cursor cursor, Dictionary<string, SourceNode> ids, Func<string, IReadOnlyList<ParseResult>> readCohorts, List<DefinitionError> others)
    {
        if (cursor.Node is not SourceScalar { Kind: ScalarKind.Text } path)
            return DefinitionReader.Read(cursor, ids) is { } definition ? [definition] : [];
        try
        {
            var read = readCohorts(path.Text);
            others.AddRange(read.SelectMany(result => result.Errors));
            var definitions = read.SelectMany(result => result.Definitions).ToList();
            foreach (var again in definitions.Where(definition => !ids.TryAdd(definition.Id, cursor.Node)))
                cursor.Error($"`{again.Id}` a second time", "each cohort once");
            return definitions;
        }
        catch (IOException exception)
        {
            cursor.Error(exception.Message, "a file or folder of definitions, from this file's folder");
            return [];
        }
    }

    private static CohortTestCase ReadCase(Cursor cursor)
    {
        var name = "";
        var records = new List<CohortTestRecord>();
        var deltas = new List<ExpectedDelta>();
        foreach (var (field, value) in Fields(cursor, CaseFields, "a case: an object with `name`, `records` and `deltas`", ["name", "records", "deltas"]))
        {
            if (field == "name")
            {
                name = value.Text("a text") ?? "";
                continue;
            }

            var items = value.Items("a list", 0, int.MaxValue) ?? [];
            for (var i = 0; i < items.Count; i++)
            {
                if (field == "deltas")
                    deltas.Add(ReadDelta(value.Item(i)));
                else if (ReadRecord(value.Item(i)) is { } record)
                    records.Add(record);
            }
        }

        return new(name, records, deltas);
    }

    private static ExpectedDelta ReadDelta(Cursor cursor)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in Fields(cursor, DeltaNames, "a delta: an object such as { at: …, user: …, cohort: …, change: enter }", []))
        {
            if (!DeltaFields.IsInstant(name))
                fields.Add(new(name, DeltaFields.Canonical(JsonOf(value.Node))));
            else if (ReadInstant(value) is { } instant)
                fields.Add(new(name, DeltaFields.OfInstant(instant)));
        }

        return new(fields);
    }

    private static CohortTestRecord? ReadRecord(Cursor cursor)
    {
        var errorsBefore = cursor.ErrorCount;
        var fields = Fields(cursor, RecordFields, "a record: an object with `at`, and `event`, `identify` or `advance`", ["at"]).ToDictionary(field => field.Name, field => field.Value);
        long? at = fields.TryGetValue("at", out var when) ? ReadInstant(when) : null;
        long? time = fields.TryGetValue("time", out var own) ? ReadInstant(own) : null;
        if (fields.Keys.Count(name => name is "event" or "identify" or "advance") != 1)
            cursor.Error("exactly one of `event`, `identify` and `advance`");
        if (fields.TryGetValue("advance", out var advance) && (advance.Node is not SourceScalar { Kind: ScalarKind.Boolean, Text: "true" } || fields.Count > 2))
            advance.Error("`advance: true` beside `at` alone");
        if (cursor.ErrorCount > errorsBefore)
            return null;
        return new(at!.Value, fields.ContainsKey("advance") ? null : ProducersRecord(fields, time), cursor.Node.Line);
    }

    /// <summary>The record as a producer would send it: Amplitude's shape where an event has properties of the user's, else the plain one.</summary>
    private static byte[] ProducersRecord(Dictionary<string, Cursor> fields, long? time)
    {
        var isAmplitude = fields.ContainsKey("user_properties");
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            switch (name)
            {
                case "at":
                    break;
                case "time":
                    json.WriteNumber(name, time!.Value);
                    break;
                case "context":
                    foreach (var member in (value.Node as SourceMap)?.Members ?? [])
                        Write(json, member.Name, member.Value);
                    break;
                default:
                    Write(json, ShapeName(name, isAmplitude), value.Node);
                    break;
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string ShapeName(string name, bool isAmplitude) => name switch
    {
        "user" => "user_id",
        "device" => "device_id",
        "event" when isAmplitude => "event_type",
        "properties" when isAmplitude => "event_properties",
        _ => name,
    };

    private static long? ReadInstant(Cursor cursor)
    {
        if (cursor.Text(InstantExpected) is not { } text)
            return null;
        if (InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            return instant;
        cursor.Error(InstantExpected);
        return null;
    }

    /// <summary>The known fields of an object; others, and required ones that are missing, are errors.</summary>
    private static IEnumerable<(string Name, Cursor Value)> Fields(Cursor cursor, Vocabulary known, string expected, string[] required)
    {
        var members = cursor.Members(expected);
        foreach (var missing in members is null ? [] : required.Where(name => members.All(member => member.Name != name)))
            cursor.Error($"no `{missing}`", expected);
        foreach (var member in members ?? [])
        {
            if (known.Knows(member.Name))
                yield return (member.Name, cursor.Member(member));
            else
                known.Refuse(cursor, member.Name, member.Line, member.Column);
        }
    }

    private static JsonElement JsonOf(SourceNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, null, node);
        return JsonSerializer.Deserialize<JsonElement>(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string? name, SourceNode node)
    {
        if (name is not null)
            json.WritePropertyName(name);
        switch (node)
        {
            case SourceMap map:
                json.WriteStartObject();
                foreach (var member in map.Members)
                    Write(json, member.Name, member.Value);
                json.WriteEndObject();
                break;
            case SourceList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    Write(json, null, item);
                json.WriteEndArray();
                break;
            case SourceScalar { Kind: ScalarKind.Text } text:
                json.WriteStringValue(text.Text);
                break;
            case SourceScalar scalar:
                json.WriteRawValue(scalar.Kind == ScalarKind.Null ? "null" : scalar.Text);
                break;
        }
    }
}
