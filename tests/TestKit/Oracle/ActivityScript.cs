using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Writes one partition of <c>activity</c> by hand, record by record, as the contract has it.</summary>
public sealed class ActivityScript
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<OracleRecord> _records = [];
    private int _changes;

    public IReadOnlyList<OracleRecord> Records => _records;

    public ActivityScript Event(string profile, string type, long l, long? time = null, string? insertId = null, string? properties = null, string? context = null, string? operations = null, string? device = null) =>
        Add(profile, new JsonObject { ["type"] = "event", ["event"] = type }, l, time, insertId, device, operations, properties, context);

    public ActivityScript Identify(string profile, string operations, long l, string? insertId = null, string? device = null) =>
        Add(profile, new JsonObject { ["type"] = "identify" }, l, null, insertId, device, operations, null, null);

    public ActivityScript Watermark(string topic, int partitions, params (int Partition, long Time)[] read)
    {
        var times = new JsonObject();
        foreach (var (partition, time) in read)
            times[partition.ToString(System.Globalization.CultureInfo.InvariantCulture)] = time;
        return Add("", new JsonObject { ["type"] = "watermark", ["topic"] = topic, ["partitions"] = partitions, ["read"] = times });
    }

    /// <summary>The final watermark.</summary>
    public ActivityScript Until(long instant) => Add("", new JsonObject { ["type"] = "watermark", ["until"] = instant });

    /// <summary>One change set; a definition that is null deletes the cohort.</summary>
    public ActivityScript Define(params (string CohortId, int Version, string? Definition)[] definitions)
    {
        var change = $"change-{++_changes}";
        for (var part = 1; part <= definitions.Length; part++)
        {
            var (cohortId, version, definition) = definitions[part - 1];
            DefinePart(change, part, definitions.Length, cohortId, version, definition);
        }

        return this;
    }

    /// <summary>One marker of a change set, by itself: other records may come between the parts.</summary>
    public ActivityScript DefinePart(string change, int part, int parts, string cohortId, int version, string? definition)
    {
        var marker = new JsonObject { ["type"] = "definition", ["change"] = change, ["part"] = part, ["parts"] = parts, ["cohort_id"] = cohortId, ["version"] = version };
        if (definition is not null)
            marker["definition"] = JsonNode.Parse(definition);
        return Add("", marker);
    }

    public OracleResult Run(OracleOptions options, int partition = 0) => PartitionOracle.Run(partition, options, _records);

    private ActivityScript Add(string profile, JsonObject record, long l, long? time, string? insertId, string? device, string? operations, string? properties, string? context)
    {
        record["l"] = l;
        if (profile.StartsWith("u:", StringComparison.Ordinal))
            record["user_id"] = profile[2..];
        if ((device ?? (profile.StartsWith("d:", StringComparison.Ordinal) ? profile[2..] : null)) is { } deviceId)
            record["device_id"] = deviceId;
        if (time is { } payloadTime)
            record["time"] = payloadTime;
        if (insertId is not null)
            record["insert_id"] = insertId;
        record["src"] = new JsonArray("events", 0, _records.Count, 0);
        foreach (var (name, json) in ((string, string?)[])[("user_properties", operations), ("properties", properties), ("context", context)])
        {
            if (json is not null)
                record[name] = JsonNode.Parse(json);
        }

        return Add(profile, record);
    }

    private ActivityScript Add(string profile, JsonObject record)
    {
        _records.Add(new(_records.Count, profile, JsonSerializer.SerializeToUtf8Bytes(record, Relaxed)));
        return this;
    }
}
