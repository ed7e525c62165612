using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsvHelper;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The syncs whose manifests are there, cohort by cohort, in order.</summary>
internal sealed class SyncedCohorts
{
    private readonly Dictionary<string, List<Sync>> _syncs;

    public SyncedCohorts(IReadOnlyDictionary<string, byte[]> objects)
    {
        _syncs = objects.Keys.Where(name => name.EndsWith("_manifest.json", StringComparison.Ordinal))
            .Select(name => name.Split('_'))
            .GroupBy(parts => parts[1], parts => parts[2])
            .ToDictionary(cohort => cohort.Key, cohort => cohort.Order(StringComparer.Ordinal).Select(time => new Sync(cohort.Key, time, objects)).ToList());
    }

    /// <summary>Members of a cohort after its last sync; none where there was no sync.</summary>
    public IReadOnlySet<string> MembersOf(string cohort) => _syncs.TryGetValue(cohort, out var syncs) ? syncs[^1].MembersAfter : new HashSet<string>();

    /// <summary>Each set follows from the one before, and each manifest tells what is there.</summary>
    public IEnumerable<string> Differences() => _syncs.Values.SelectMany(Differences);

    private static IEnumerable<string> Differences(List<Sync> syncs)
    {
        for (var i = 0; i < syncs.Count; i++)
        {
            foreach (var difference in syncs[i].ManifestDifferences(i == 0 ? null : syncs[i - 1]))
                yield return $"manifest of {syncs[i].Cohort} at {syncs[i].Time}: {difference}";
            if (i > 0 && !syncs[i].Existing.SetEquals(syncs[i - 1].MembersAfter))
                yield return $"CSV of {syncs[i].Cohort}: existing of {syncs[i].Time} is not existing + entering - exiting of {syncs[i - 1].Time}";
        }
    }

    private static HashSet<string> UserIds(byte[] file)
    {
        using var csv = CsvReader.FromText(Encoding.UTF8.GetString(file));
        var column = csv.Headers.ToList().IndexOf("userID");
        var users = new HashSet<string>();
        while (csv.Read())
            users.Add(csv[column].ToString());
        return users;
    }

    /// <summary>The three files of one cohort and boundary, and their manifest.</summary>
    private sealed class Sync(string cohort, string time, IReadOnlyDictionary<string, byte[]> objects)
    {
        private static readonly string[] Types = ["entering", "exiting", "existing"];

        public string Cohort => cohort;

        public string Time => time;

        public HashSet<string> Existing => field ??= UserIds(objects[Name(cohort, time, "existing")]);

        public HashSet<string> MembersAfter => field ??= [.. Existing.Union(Entering).Except(Exiting)];

        private HashSet<string> Entering => field ??= UserIds(objects[Name(cohort, time, "entering")]);

        private HashSet<string> Exiting => field ??= UserIds(objects[Name(cohort, time, "exiting")]);

        public IEnumerable<string> ManifestDifferences(Sync? previous)
        {
            var manifest = JsonSerializer.Deserialize<JsonElement>(objects[$"0_{cohort}_{time}_manifest.json"]);
            if (NameTime(manifest.GetProperty("sync")) != time)
                yield return $"sync is {manifest.GetProperty("sync")}";
            if (NameTime(manifest.GetProperty("previous_sync")) != previous?.Time)
                yield return $"previous_sync is {manifest.GetProperty("previous_sync")}, the one before is {previous?.Time ?? "none"}";
            foreach (var type in Types)
            {
                var body = objects[Name(cohort, time, type)];
                var rows = type switch { "entering" => Entering.Count, "exiting" => Exiting.Count, _ => Existing.Count };
                var expected = $"{ShopDestinations.ObjectPath}/{Name(cohort, time, type)}, {rows} rows, {body.Length} bytes, {Convert.ToHexStringLower(SHA256.HashData(body))}";
                var entry = manifest.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("type").GetString() == type);
                var found = $"{entry.GetProperty("key")}, {entry.GetProperty("rows")} rows, {entry.GetProperty("bytes")} bytes, {entry.GetProperty("sha256")}";
                if (found != expected)
                    yield return $"{found}; the file is {expected}";
            }
        }

        private static string Name(string cohort, string time, string type) => $"0_{cohort}_{time}_{type}.csv";

        /// <summary>An instant as names have it, of <c>2026-03-01T01:00:00Z</c> or with milliseconds.</summary>
        private static string? NameTime(JsonElement instant) => instant.GetString() is { } text ? text[..19].Replace(':', '-') : null;
    }
}
