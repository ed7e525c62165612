using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Backtest;

/// <summary>Deltas as fields by name, their values as canonical JSON.</summary>
internal static class DeltaFields
{
    /// <summary>Short names of a test file, and the delta's.</summary>
    private static readonly Dictionary<string, string> Short = new() { ["user"] = "user_id", ["device"] = "device_id", ["cohort"] = "cohort_id" };

    private static readonly string[] Instants = ["at", "entered_at", "exited_at", "first_seen_at"];

    /// <summary>All names that an expected delta may have.</summary>
    public static readonly string[] Names =
    [
        "at", "user", "device", "cohort", "change", "reason", "cohort_name", "definition_version", "delta_id", "amplitude_id",
        "entered_at", "exited_at", "computed_at", "first_seen_at", "version", "part", "parts", "properties",
    ];

    /// <summary>The fields that differences show of a delta, however many are compared.</summary>
    public static readonly string[] Shown = ["at", "user", "device", "cohort", "change", "reason"];

    public static bool IsInstant(string name) => Instants.Contains(name);

    /// <summary>An instant as deltas write it.</summary>
    public static string OfInstant(long instant) => $"\"{Instant.ToRfc3339(instant)}\"";

    public static IReadOnlyDictionary<string, string> Of(ReadOnlySpan<byte> delta)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(delta);
        return Names.Where(name => json.TryGetProperty(WireName(name), out _)).ToDictionary(name => name, name => Canonical(json.GetProperty(WireName(name))));
    }

    /// <summary>Compact JSON with members in ordinal order, so that equal values have equal texts.</summary>
    public static string Canonical(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Canonical(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString()),
        _ => json.GetRawText(),
    };

    private static string WireName(string name) => Short.GetValueOrDefault(name, name);
}
