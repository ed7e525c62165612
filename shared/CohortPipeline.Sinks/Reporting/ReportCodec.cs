using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CohortPipeline.Sinks;

/// <summary>
/// Records of <c>sink-state</c> that tell how a destination stands, JSON, under the key <c>status:destination/instance</c>; a
/// tombstone: the instance serves it no more. No id holds a colon: no other key begins so.
/// </summary>
public static class ReportCodec
{
    public const int Version = 1;

    private const string Prefix = "status:";

    public static byte[] Key(string destinationId, string instance) => Encoding.UTF8.GetBytes($"{Prefix}{destinationId}/{instance}");

    /// <summary>False for a key of anything else.</summary>
    public static bool TryKey(ReadOnlySpan<byte> key, out string destinationId, out string instance)
    {
        var text = Encoding.UTF8.GetString(key);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var isReport = text.StartsWith(Prefix, StringComparison.Ordinal) && slash >= 0;
        (destinationId, instance) = isReport ? (text[Prefix.Length..slash], text[(slash + 1)..]) : ("", "");
        return isReport;
    }

    public static byte[] Encode(DateTimeOffset at, SinkReport report) => JsonSerializer.SerializeToUtf8Bytes(new(Version, at, report), ReportJson.Default.VersionedReport);

    /// <summary>False for bytes that are no report, or one of a later version.</summary>
    public static bool TryRead(string instance, ReadOnlySpan<byte> value, [NotNullWhen(true)] out ToldReport? told)
    {
        told = null;
        try
        {
            if (JsonSerializer.Deserialize(value, ReportJson.Default.VersionedReport) is { V: Version, Report: { } report } record)
                told = new(instance, record.At, report);
        }
        catch (JsonException)
        {
            // A stranger's record: nothing is told.
        }

        return told is not null;
    }
}

internal sealed record VersionedReport(int V, DateTimeOffset At, SinkReport Report);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionedReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
