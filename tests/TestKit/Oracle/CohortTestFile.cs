using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A history with the deltas that the oracle gives, as a <c>*.cohort-test.yaml</c>.</summary>
public static class CohortTestFile
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">The name of its one case.</param>
    /// <param name="records">What such a file has no words for, ingest's watermarks and later change sets, stands in it as comments.</param>
    /// <param name="result">What the oracle makes of them.</param>
    public static string Write(string name, IReadOnlyList<OracleRecord> records, OracleResult result)
    {
        var text = new StringBuilder();
        var parsed = records.Select(record => (record.Key, Json: JsonNode.Parse(record.Value!)!.AsObject())).ToList();
        var first = parsed.TakeWhile(record => IsOf(record.Json, "definition")).Where(record => record.Json.ContainsKey("definition")).ToList();
        text.Append("cohorts:\n");
        foreach (var (_, json) in first)
            text.Append("  - ").Append(Print(json["definition"])).Append('\n');
        text.Append("cases:\n  - name: ").Append(name).Append("\n    records:\n");
        foreach (var (key, json) in parsed.SkipWhile(record => IsOf(record.Json, "definition")))
            text.Append("      ").Append(Record(key, json)).Append('\n');
        var deltas = result.Deltas.Values.SelectMany(known => known).OrderBy(delta => delta.At).ThenBy(delta => delta.ProfileKey, StringComparer.Ordinal).ThenBy(delta => delta.Version).ToList();
        text.Append(deltas.Count > 0 ? "    deltas:\n" : "    deltas: []\n");
        foreach (var delta in deltas)
            text.Append(CultureInfo.InvariantCulture, $"      - {{ at: {Instant(delta.At)}, {Who(delta.ProfileKey)}, cohort: {delta.CohortId}, change: {delta.Change}, reason: {delta.Reason} }}\n");
        return text.ToString();
    }

    private static string Record(string key, JsonObject json) => json["type"]!.GetValue<string>() switch
    {
        "watermark" when json["until"] is { } until => $"- {{ at: {Instant((long)until)}, advance: true }}",
        "identify" => $"- {{ {At(key, json)}, identify: {Print(json["user_properties"])}{Members(json, "insert_id")} }}",
        "event" => $"- {{ {At(key, json)}, event: {json["event"]}{Members(json, "insert_id", "properties", "user_properties", "context")} }}",
        _ => $"# {Print(json)}",
    };

    private static string At(string key, JsonObject json) =>
        $"at: {Instant((long)json["l"]!)}, {Who(key)}{(key.StartsWith('u') && json["device_id"] is { } device ? $", device: {device}" : "")}{(json["time"] is { } time ? $", time: {Instant((long)time)}" : "")}";

    private static string Members(JsonObject json, params string[] names) =>
        string.Concat(names.Where(json.ContainsKey).Select(name => $", {name}: {Print(json[name])}"));

    private static string Who(string key) => $"{(key.StartsWith("u:", StringComparison.Ordinal) ? "user" : "device")}: {key[2..]}";

    private static bool IsOf(JsonObject json, string type) => json["type"]!.GetValue<string>() == type;

    private static string Print(JsonNode? json) => json?.ToJsonString(Relaxed) ?? "null";

    private static string Instant(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
