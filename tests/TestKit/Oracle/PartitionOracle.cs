using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>
/// What one partition of <c>activity</c> must lead to, found the slow way: it keeps every event and evaluates each profile
/// anew at every instant that could matter. It shares no code with what it judges; it knows only the text of the
/// specification and the records.
/// </summary>
/// <remarks>
/// Between profiles there is no order, so the time of a profile passes when the profile is looked at again: before a record
/// of it, before a change of definitions, at a final watermark and at the end.
/// </remarks>
public sealed class PartitionOracle(int partition, OracleOptions options)
{
    private readonly Dictionary<string, OracleProfile> _profiles = [];
    private readonly Dictionary<string, List<JsonElement>> _openChanges = [];
    private readonly OracleWatermark _sources = new(options);
    private OraclePlan _plan = new();
    private long? _watermark;

    /// <summary>Up to there the world is known; null at first.</summary>
    public long? Watermark => _watermark;

    /// <summary>Applies the next record. One that no reader of <c>activity</c> understands moves nothing.</summary>
    public void Apply(OracleRecord record)
    {
        if (!TryParse(record.Value, out var json, out var type))
            return;
        switch (type)
        {
            case "event" or "identify":
                ApplyActivity(record, json, type);
                break;
            case "watermark":
                ApplyWatermark(json);
                break;
            case "definition":
                ApplyDefinition(record, json);
                break;
            default:
                throw new NotSupportedException($"the oracle does not know records of type `{type}` yet (offset {record.Offset})");
        }
    }

    /// <summary>Everything up to now, with all that the watermark has passed.</summary>
    public OracleResult Result()
    {
        if (_watermark is { } watermark)
            PassTime(watermark);
        return new(
            _profiles.Values.Where(profile => profile.Deltas.Count > 0).ToDictionary(profile => profile.Key, profile => profile.Deltas),
            _profiles.Values.SelectMany(profile => profile.Memberships).ToDictionary(row => (row.CohortId, row.ProfileKey)),
            _profiles.Values.ToDictionary(profile => profile.Key, profile => (IReadOnlySet<string>)profile.Devices));
    }

    /// <summary>The whole content of a partition at once.</summary>
    public static OracleResult Run(int partition, OracleOptions options, IEnumerable<OracleRecord> records)
    {
        var oracle = new PartitionOracle(partition, options);
        foreach (var record in records)
            oracle.Apply(record);
        return oracle.Result();
    }

    private static bool TryParse(byte[]? value, out JsonElement json, out string type)
    {
        json = default;
        type = "";
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(value);
        }
        catch (JsonException)
        {
            return false;
        }

        type = OracleJson.Member(json, "type") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "";
        return type.Length > 0;
    }

    private void ApplyActivity(OracleRecord record, JsonElement json, string type)
    {
        var timestamp = json.GetProperty("l").GetInt64();
        if (options.RecordClock)
            _watermark = Math.Max(_watermark ?? timestamp, timestamp);
        var profile = _profiles.GetValueOrDefault(record.Key);
        var instant = Math.Max(timestamp, Math.Max(_watermark ?? timestamp, profile?.Last ?? timestamp));
        if (profile is null)
            _profiles[record.Key] = profile = new(record.Key, instant, options.RememberedEventsMax);

        profile.PassTime(_plan, instant);
        profile.Touch(instant, OracleJson.Member(json, "device_id")?.GetString());
        var insertId = OracleJson.Member(json, "insert_id")?.GetString();
        if (OracleJson.Member(json, "user_properties") is { } operations)
            profile.Identify(operations, type == "event" ? json.GetProperty("event").GetString()! : "$identify", insertId);
        profile.ObserveProperties(_plan);
        if (type == "event")
            profile.Add(_plan, ReadEvent(record.Offset, json, timestamp, insertId), instant);
        profile.Evaluate(_plan, instant, new(type, partition, record.Offset));
        profile.RefreshRows(_plan);
    }

    private static OracleEvent ReadEvent(long offset, JsonElement json, long timestamp, string? insertId)
    {
        var time = OracleJson.Member(json, "time")?.GetInt64();
        return new(
            offset,
            json.GetProperty("event").GetString()!,
            Math.Min(time ?? timestamp, timestamp),
            time is not null,
            insertId,
            OracleSubject.Members(OracleJson.Member(json, "properties")),
            OracleSubject.Members(OracleJson.Member(json, "context")));
    }

    private void ApplyWatermark(JsonElement json)
    {
        if (OracleJson.Member(json, "until")?.GetInt64() is { } until)
        {
            if (_watermark > until)
                return;
            _watermark = until;
            PassTime(until + 1);
        }
        else if (!options.RecordClock && _sources.Report(json) is { } reached)
        {
            _watermark = Math.Max(_watermark ?? reached, reached);
        }
    }

    private void ApplyDefinition(OracleRecord record, JsonElement json)
    {
        var change = json.GetProperty("change").GetString()!;
        if (!_openChanges.TryGetValue(change, out var parts))
            _openChanges[change] = parts = [];
        parts.Add(json);
        if (parts.Count == json.GetProperty("parts").GetInt32())
        {
            _openChanges.Remove(change);
            ApplyChange(parts, new("definition", partition, record.Offset));
        }
    }

    private void ApplyChange(List<JsonElement> parts, OracleCause cause)
    {
        var changes = parts.Select(part => (Id: part.GetProperty("cohort_id").GetString()!, Definition: ReadDefinition(part))).ToList();
        var deleted = parts.Select(Deleted).OfType<OracleDefinition>().ToList();
        var next = _plan.With(changes);
        var rewritten = next.Definitions
            .Where(definition => !definition.ExportedProperties.SequenceEqual(_plan.Find(definition.Id)?.ExportedProperties ?? []))
            .Select(definition => definition.Id)
            .ToHashSet();
        foreach (var profile in _profiles.Values)
        {
            var instant = Math.Max(_watermark ?? profile.Last, profile.Last);
            profile.PassTime(_plan, instant);
            profile.Touch(instant, deviceId: null);
            profile.Forget(next);
            profile.ObserveProperties(next);
            profile.Evaluate(next, instant, cause, deleted);
            profile.RefreshRows(next, rewritten);
        }

        _plan = next;
    }

    /// <summary>The definition that the part deletes, as its members leave it: under the version of the deletion.</summary>
    private OracleDefinition? Deleted(JsonElement part) =>
        OracleJson.Member(part, "definition") is null && _plan.Find(part.GetProperty("cohort_id").GetString()!) is { } definition
            ? definition with { Version = part.GetProperty("version").GetInt32() }
            : null;

    private static OracleDefinition? ReadDefinition(JsonElement part) => OracleJson.Member(part, "definition") is { } definition
        ? OracleDefinition.Parse(part.GetProperty("cohort_id").GetString()!, part.GetProperty("version").GetInt32(), definition)
        : null;

    private void PassTime(long end)
    {
        foreach (var profile in _profiles.Values)
            profile.PassTime(_plan, end);
    }
}
