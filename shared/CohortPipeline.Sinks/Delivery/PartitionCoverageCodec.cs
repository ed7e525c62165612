using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CohortPipeline.Sinks;

/// <summary>Records of <c>sink-state</c>, JSON: under the key <c>destination#partition</c> what that partition's position stands for.</summary>
public static class PartitionCoverageCodec
{
    public const int Version = 1;

    private const char Separator = '#';

    public static byte[] Key(string destinationId, int partition) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{destinationId}{Separator}{partition}"));

    /// <summary>The partition of a key, if it is one of this destination's.</summary>
    public static bool TryPartitionOf(ReadOnlySpan<byte> key, string destinationId, out int partition)
    {
        var text = Encoding.UTF8.GetString(key);
        partition = 0;
        return text.StartsWith($"{destinationId}{Separator}", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(destinationId.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out partition);
    }

    public static byte[] Encode(PartitionCoverage coverage) => JsonSerializer.SerializeToUtf8Bytes(
        new(Version, Ids(coverage.Covered), coverage.Start is { } start ? new(Ids(start.Cohorts), start.Since, start.Marks) : null, Of(coverage.Periods)),
        CoverageJson.Default.CoverageRecord);

    /// <exception cref="InvalidDataException">The bytes are no such record, or one of a later version.</exception>
    public static PartitionCoverage Decode(ReadOnlySpan<byte> value)
    {
        try
        {
            var record = JsonSerializer.Deserialize(value, CoverageJson.Default.CoverageRecord);
            return record is { V: Version, Cohorts: { } cohorts }
                ? new(Selection(cohorts), record.Start is { } start ? new(Selection(start.Cohorts), start.Since, start.Marks) : null) { Periods = Periods(record.Periods) }
                : throw new InvalidDataException($"what a position stands for is of version {record?.V}, expected {Version}");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"not what a position stands for: {exception.Message}", exception);
        }
    }

    private static PeriodsRecord? Of(PartitionPeriods? periods) => periods is null
        ? null
        : new(periods.Passed, periods.Last, periods.Since, periods.Pending is { } plan ? new(plan.Boundary, plan.Cut, Ids(plan.Cohorts), plan.First, plan.DeltasEnd, plan.Since) : null);

    private static PartitionPeriods? Periods(PeriodsRecord? record) => record is null
        ? null
        : new(record.Passed, record.Last, record.Pending is { } plan ? new(plan.Boundary, plan.Cut, Selection(plan.Cohorts), plan.First, plan.DeltasEnd) { Since = plan.Since } : null) { Since = record.Since };

    private static IReadOnlyList<string> Ids(CohortSelection selection) => selection.IsAll ? [CohortSelection.Star] : selection.Ids;

    private static CohortSelection Selection(IReadOnlyList<string> ids) => ids is [CohortSelection.Star] ? CohortSelection.All : CohortSelection.Of(ids);
}

internal sealed record CoverageRecord(int V, IReadOnlyList<string> Cohorts, StartRecord? Start, PeriodsRecord? Periods);

internal sealed record StartRecord(IReadOnlyList<string> Cohorts, long? Since, IReadOnlyList<long> Marks);

internal sealed record PeriodsRecord(long Passed, MembershipsCut? Last, long? Since, PlanRecord? Pending);

internal sealed record PlanRecord(long Boundary, MembershipsCut Cut, IReadOnlyList<string> Cohorts, long First, long DeltasEnd, long? Since);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CoverageRecord))]
internal sealed partial class CoverageJson : JsonSerializerContext;
