using System.Globalization;
using System.Text;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.TestKit.Proof;

/// <summary>Holds deltas and membership rows against the oracle's. Answers differences as text to read; none: they agree.</summary>
public static class DeltaComparer
{
    private const int DifferencesMax = 10;
    private const int ContextDeltas = 3;

    /// <summary>Each profile's deltas must be the oracle's, in order and in every field.</summary>
    public static IReadOnlyList<string> CompareDeltas(
        IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>> expected,
        IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>> actual) =>
        [.. expected.Keys.Union(actual.Keys).Order(StringComparer.Ordinal)
            .Select(profile => CompareProfile(profile, expected.GetValueOrDefault(profile, []), actual.GetValueOrDefault(profile, [])))
            .OfType<string>()
            .Take(DifferencesMax)];

    /// <summary>
    /// Each row of <c>memberships</c> must be the oracle's at last, but for the device: a row may be written again without
    /// need, and then names the device of that time.
    /// </summary>
    public static IReadOnlyList<string> CompareRows(OracleResult expected, IReadOnlyDictionary<(string CohortId, string ProfileKey), OracleMembership> actual) =>
        [.. expected.Memberships.Keys.Union(actual.Keys).Order()
            .Where(key => !Agree(expected, expected.Memberships.GetValueOrDefault(key), actual.GetValueOrDefault(key)))
            .Select(key => $"membership of {key.ProfileKey} in {key.CohortId}: {Fields(expected.Memberships.GetValueOrDefault(key), actual.GetValueOrDefault(key))}")
            .Take(DifferencesMax)];

    /// <summary>The deltas of one partition of <c>membership-deltas</c>, by profile.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>> Read(IEnumerable<DumpedRecord> records) =>
        records.Select(record => OracleDelta.Read(record.Key, record.Value))
            .GroupBy(delta => delta.ProfileKey)
            .ToDictionary(deltas => deltas.Key, deltas => (IReadOnlyList<OracleDelta>)[.. deltas]);

    private static bool Agree(OracleResult result, OracleMembership? expected, OracleMembership? actual) =>
        expected is not null && actual is not null
            ? expected with { DeviceId = actual.DeviceId } == actual
                && (expected.DeviceId == actual.DeviceId || result.Devices[expected.ProfileKey].Contains(actual.DeviceId ?? ""))
            : expected == actual;

    private static string? CompareProfile(string profile, IReadOnlyList<OracleDelta> expected, IReadOnlyList<OracleDelta> actual)
    {
        var same = 0;
        while (same < expected.Count && same < actual.Count && expected[same] == actual[same])
            same++;
        if (same == expected.Count && same == actual.Count)
            return null;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"profile {profile}: {expected.Count} deltas expected, {actual.Count} found; the first difference is at delta {same + 1}");
        text.Append(CultureInfo.InvariantCulture, $"\n  {Fields(expected.ElementAtOrDefault(same), actual.ElementAtOrDefault(same))}");
        for (var i = Math.Max(0, same - ContextDeltas); i < same; i++)
            text.Append(CultureInfo.InvariantCulture, $"\n  agreed:   {Summary(expected[i])}");
        foreach (var delta in expected.Skip(same).Take(ContextDeltas))
            text.Append(CultureInfo.InvariantCulture, $"\n  expected: {Summary(delta)}");
        foreach (var delta in actual.Skip(same).Take(ContextDeltas))
            text.Append(CultureInfo.InvariantCulture, $"\n  found:    {Summary(delta)}");
        return text.ToString();
    }

    private static string Summary(OracleDelta delta) =>
        $"{delta.Change} {delta.CohortId} v{delta.DefinitionVersion} at {Time(delta.At)} ({delta.At}), {delta.Reason}, version {delta.Version}, part {delta.Part}/{delta.Parts}, source {delta.SourcePartition}/{delta.SourceOffset}";

    private static string Time(long instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The fields that differ.</summary>
    private static string Fields<T>(T? expected, T? actual)
        where T : class
    {
        if (expected is null)
            return $"not expected: {actual}";
        if (actual is null)
            return $"missing: {expected}";
        var fields = typeof(T).GetProperties()
            .Where(field => field.CanWrite)
            .Select(field => (field.Name, Expected: field.GetValue(expected), Actual: field.GetValue(actual)))
            .Where(field => !Equals(field.Expected, field.Actual))
            .Select(field => $"{field.Name} should be {field.Expected ?? "absent"} and is {field.Actual ?? "absent"}");
        return string.Join("; ", fields);
    }
}
