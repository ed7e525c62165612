using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>A delta with every field of the contract: instants in epoch milliseconds, properties as canonical JSON, empty where there are none.</summary>
public sealed record OracleDelta
{
    public required string ProfileKey { get; init; }

    public required string DeltaId { get; init; }

    public required string CohortId { get; init; }

    public required string CohortName { get; init; }

    public required int DefinitionVersion { get; init; }

    public string? UserId { get; init; }

    public string? DeviceId { get; init; }

    public required long AmplitudeId { get; init; }

    public required string Change { get; init; }

    public required string Reason { get; init; }

    public required long At { get; init; }

    public required long EnteredAt { get; init; }

    public long? ExitedAt { get; init; }

    public required long ComputedAt { get; init; }

    public required long FirstSeenAt { get; init; }

    public required long Version { get; init; }

    public required int Part { get; init; }

    public required int Parts { get; init; }

    public string Properties { get; init; } = "";

    public int? SourcePartition { get; init; }

    public long? SourceOffset { get; init; }

    /// <summary>Reads a record of <c>membership-deltas</c>, by the text of the contract alone.</summary>
    public static OracleDelta Read(string profileKey, ReadOnlySpan<byte> value)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(value);
        var source = OracleJson.Member(json, "source");
        return new()
        {
            ProfileKey = profileKey,
            DeltaId = json.GetProperty("delta_id").GetString()!,
            CohortId = json.GetProperty("cohort_id").GetString()!,
            CohortName = json.GetProperty("cohort_name").GetString()!,
            DefinitionVersion = json.GetProperty("definition_version").GetInt32(),
            UserId = OracleJson.Member(json, "user_id")?.GetString(),
            DeviceId = OracleJson.Member(json, "device_id")?.GetString(),
            AmplitudeId = json.GetProperty("amplitude_id").GetInt64(),
            Change = json.GetProperty("change").GetString()!,
            Reason = json.GetProperty("reason").GetString()!,
            At = OracleJson.Time(json, "at")!.Value,
            EnteredAt = OracleJson.Time(json, "entered_at")!.Value,
            ExitedAt = OracleJson.Time(json, "exited_at"),
            ComputedAt = json.GetProperty("computed_at").GetInt64(),
            FirstSeenAt = OracleJson.Time(json, "first_seen_at")!.Value,
            Version = json.GetProperty("version").GetInt64(),
            Part = json.GetProperty("part").GetInt32(),
            Parts = json.GetProperty("parts").GetInt32(),
            Properties = OracleJson.CanonicalObject(OracleJson.Member(json, "properties")),
            SourcePartition = source?.GetProperty("partition").GetInt32(),
            SourceOffset = source?.GetProperty("offset").GetInt64(),
        };
    }
}

/// <summary>A profile's row of one cohort as <c>memberships</c> must hold it at last.</summary>
public sealed record OracleMembership
{
    public required string CohortId { get; init; }

    public required string ProfileKey { get; init; }

    public required bool In { get; init; }

    public required long EnteredAt { get; init; }

    public long? ExitedAt { get; init; }

    public required long At { get; init; }

    public required long Version { get; init; }

    public required long ComputedAt { get; init; }

    public required long FirstSeenAt { get; init; }

    public string? UserId { get; init; }

    public string? DeviceId { get; init; }

    public required long AmplitudeId { get; init; }

    public string Properties { get; init; } = "";

    /// <summary>Reads a record of <c>memberships</c>, by the text of the contract alone.</summary>
    public static OracleMembership Read(string key, ReadOnlySpan<byte> value)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(value);
        var ids = json.GetProperty("ids");
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return new()
        {
            CohortId = key[..slash],
            ProfileKey = key[(slash + 1)..],
            In = json.GetProperty("in").GetBoolean(),
            EnteredAt = OracleJson.Time(json, "entered_at")!.Value,
            ExitedAt = OracleJson.Time(json, "exited_at"),
            At = OracleJson.Time(json, "at")!.Value,
            Version = json.GetProperty("version").GetInt64(),
            ComputedAt = json.GetProperty("computed_at").GetInt64(),
            FirstSeenAt = OracleJson.Time(json, "first_seen_at")!.Value,
            UserId = OracleJson.Member(ids, "user_id")?.GetString(),
            DeviceId = OracleJson.Member(ids, "device_id")?.GetString(),
            AmplitudeId = ids.GetProperty("amplitude_id").GetInt64(),
            Properties = OracleJson.CanonicalObject(OracleJson.Member(json, "properties")),
        };
    }
}

/// <summary>What one partition of <c>activity</c> must lead to.</summary>
/// <param name="Deltas">By profile, in order.</param>
/// <param name="Devices">By profile, every device that it named: a row may have been written again at any time, with the device of that time.</param>
public sealed record OracleResult(
    IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>> Deltas,
    IReadOnlyDictionary<(string CohortId, string ProfileKey), OracleMembership> Memberships,
    IReadOnlyDictionary<string, IReadOnlySet<string>> Devices);

/// <summary>The numbers and ids that are made of hashes.</summary>
internal static class OracleHashes
{
    private const int DeltaIdLength = 22;

    public static string DeltaId(string profileKey, string cohortId, long version, long at)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{profileKey}\0{cohortId}\0{version}\0{at}"));
        return Convert.ToBase64String(hash).Replace('+', '-').Replace('/', '_')[..DeltaIdLength];
    }

    public static long AmplitudeId(string profileKey)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(profileKey));
        long id = hash[0] & 0x7f;
        for (var i = 1; i < sizeof(long); i++)
            id = (id << 8) | hash[i];
        return Math.Max(id, 1);
    }
}
