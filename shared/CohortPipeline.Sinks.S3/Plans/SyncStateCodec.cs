using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CohortPipeline.Sinks.S3.Plans;

/// <summary>Records of <c>sink-state</c>, JSON: under the key <c>destination/cohort</c> the state of that cohort's syncs.</summary>
public static class SyncStateCodec
{
    public const int Version = 1;

    public static byte[] Key(string destinationId, string cohortId) => Encoding.UTF8.GetBytes($"{destinationId}/{cohortId}");

    /// <summary>The cohort of a key, if it is one of this destination's.</summary>
    public static bool TryCohortOf(ReadOnlySpan<byte> key, string destinationId, out string cohortId)
    {
        var text = Encoding.UTF8.GetString(key);
        var isOurs = text.StartsWith($"{destinationId}/", StringComparison.Ordinal);
        cohortId = isOurs ? text[(destinationId.Length + 1)..] : "";
        return isOurs;
    }

    public static byte[] Encode(CohortSyncState state) =>
        JsonSerializer.SerializeToUtf8Bytes(new(Version, state), SyncStateJson.Default.VersionedSyncState);

    /// <exception cref="InvalidDataException">The bytes are no such record, or one of a later version.</exception>
    public static CohortSyncState Decode(ReadOnlySpan<byte> value)
    {
        try
        {
            var record = JsonSerializer.Deserialize(value, SyncStateJson.Default.VersionedSyncState);
            return record is { V: Version, State: { } state }
                ? state
                : throw new InvalidDataException($"a sync state of version {record?.V}, expected {Version}");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"not a sync state: {exception.Message}", exception);
        }
    }
}

internal sealed record VersionedSyncState(int V, CohortSyncState State);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionedSyncState))]
internal sealed partial class SyncStateJson : JsonSerializerContext;
