using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Exported properties as the oracle writes them, for comparison.</summary>
public static class CanonicalProperties
{
    /// <summary>A JSON object with its members in ordinal order; empty where there are none.</summary>
    public static string Of(ReadOnlySpan<byte> json) => json.IsEmpty ? "" : OracleJson.CanonicalObject(JsonSerializer.Deserialize<JsonElement>(json));
}
