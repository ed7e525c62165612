using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CsvHelper;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// One destination of each format, in files, and what must be in them by the oracle. Read by the vendors' names and by code
/// that is not the writer's. Differences are answered as text; none: they agree.
/// </summary>
internal sealed class SinkFiles(string folder)
{
    private const string CohortUpdates = "cohort-updates";
    private const string ProfileTriggers = "profile-triggers";
    private const string ShopEvents = "shop-events";
    private const int DifferencesMax = 10;

    /// <summary>Kinesis destinations whose order of a user is looked at; all of them read deltas.</summary>
    public static IReadOnlyList<string> ReadDeltas { get; } = [CohortUpdates, ProfileTriggers];

    /// <summary>Files of the CSV destination, those that are being written among them.</summary>
    public int CsvFileCount => Directory.Exists(CsvFolder) ? Directory.GetFiles(CsvFolder).Length : 0;

    public IReadOnlyList<string> Definitions =>
    [
        $"""
        id: {CohortUpdates}
        sink: kinesis
        format: amplitude-cohort
        cohorts: ["*"]
        identifier_field: user_id
        start: now
        endpoint: "file:{folder}"
        """,
        $"""
        id: {ProfileTriggers}
        sink: kinesis
        format: lytics-trigger
        cohorts: ["*"]
        start: now
        endpoint: "file:{folder}"
        """,
        $"""
        id: {ShopEvents}
        sink: kinesis
        format: events
        identifier_field: user_id
        identifies: true
        endpoint: "file:{folder}"
        """,
        $"""
        id: warehouse
        sink: s3
        cohorts: ["*"]
        bucket: exports
        path: cohorts
        user_properties: [plan, city]
        cadence: real_time
        sync_interval: 5s
        endpoint: "file:{folder}"
        """,
    ];

    private string CsvFolder => Path.Combine(folder, "cohorts");

    /// <summary>What differs from what the oracle's deltas, members and <c>activity</c> ask for.</summary>
    /// <param name="mayRepeat">A record may be there again with the same id and the same bytes: only its first place counts.</param>
    public IReadOnlyList<string> Compare(PipelineProof proof, IEnumerable<DumpedRecord> activity, bool mayRepeat) =>
        [.. CompareCohortUpdates(proof, mayRepeat).Concat(CompareTriggers(proof, mayRepeat)).Concat(CompareEvents(activity, mayRepeat)).Concat(CompareCsv(proof.Expected)).Take(DifferencesMax)];

    /// <summary>Members of each cohort after its last sync.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> CsvMembers()
    {
        var members = new Dictionary<string, IReadOnlySet<string>>();
        foreach (var (cohort, syncs) in Syncs())
            members[cohort] = syncs[^1].MembersAfter;
        return members;
    }

    /// <summary>One user a record, each delta once, in the user's order.</summary>
    private IEnumerable<string> CompareCohortUpdates(PipelineProof proof, bool mayRepeat) => CompareByUser(
        CohortUpdates,
        Records(CohortUpdates, mayRepeat, data => data.GetProperty("message_id").GetString()!).Select(data =>
        {
            var user = data.GetProperty("users").EnumerateArray().Single().GetProperty("user_id").GetString()!;
            var properties = OracleJsonOf(data.GetProperty("users")[0], "user_properties");
            return (user, $"{data.GetProperty("cohort_id").GetString()} \"{data.GetProperty("cohort_name").GetString()}\" {data.GetProperty("in_cohort").GetBoolean()} {data.GetProperty("computed_time").GetString()} {data.GetProperty("message_id").GetString()} {properties}");
        }),
        AllDeltas(proof).Select(delta => (
            delta.UserId!,
            $"{delta.CohortId} \"{delta.CohortName}\" {delta.Change == "enter"} {delta.ComputedAt} {delta.DeltaId}::{delta.Change}::0 {delta.Properties}")));

    /// <summary>One record a user and evaluation, with all its changes.</summary>
    private IEnumerable<string> CompareTriggers(PipelineProof proof, bool mayRepeat) => CompareByUser(
        ProfileTriggers,
        Records(ProfileTriggers, mayRepeat, data => data.GetProperty("id").GetString()!).Select(record =>
        {
            var data = record.GetProperty("data");
            var changes = data.GetProperty("segment_events").EnumerateArray().Select(change => $"{change.GetProperty("event").GetString()} {change.GetProperty("slug").GetString()}");
            return (data.GetProperty("user_id").GetString()!, $"{record.GetProperty("id").GetString()} {data.GetProperty("_modified").GetString()} {string.Join(", ", changes)}");
        }),
        AllDeltas(proof).GroupBy(delta => (delta.ProfileKey, First: delta.Version - delta.Part)).Select(changes => (
            changes.First().UserId!,
            $"{changes.First().DeltaId} {Nanoseconds(changes.First().At)} {string.Join(", ", changes.Select(delta => $"{delta.Change} {delta.CohortId}"))}")));

    /// <summary>Every event and identify call of <c>activity</c> once.</summary>
    private IEnumerable<string> CompareEvents(IEnumerable<DumpedRecord> activity, bool mayRepeat) => CompareByUser(
        ShopEvents,
        Records(ShopEvents, mayRepeat, data => data.GetProperty("uuid").GetString()!).Select(data => (data.GetProperty("user_id").GetString()!, data.GetProperty("event_type").GetString()!)),
        activity.Select(record => JsonSerializer.Deserialize<JsonElement>(record.Value)).SelectMany(json => json.GetProperty("type").GetString() switch
        {
            "event" => [(json.GetProperty("user_id").GetString()!, json.GetProperty("event").GetString()!)],
            "identify" => [(json.GetProperty("user_id").GetString()!, "$identify")],
            _ => ((string, string)[])[],
        }));

    /// <summary>Each set follows from the one before, and the last one leaves the oracle's members.</summary>
    private IEnumerable<string> CompareCsv(OracleResult expected)
    {
        var syncs = Syncs();
        foreach (var (cohort, sets) in syncs)
        {
            for (var i = 1; i < sets.Count; i++)
            {
                if (!sets[i].Existing.SetEquals(sets[i - 1].MembersAfter))
                    yield return $"CSV of {cohort}: existing of {sets[i].Time} is not existing + entering - exiting of {sets[i - 1].Time}";
            }
        }

        foreach (var cohort in expected.Memberships.Keys.Select(key => key.CohortId).Distinct())
        {
            var members = expected.Memberships.Values.Where(row => row.In && row.CohortId == cohort).Select(row => row.UserId!).ToHashSet();
            var found = syncs.TryGetValue(cohort, out var sets) ? sets[^1].MembersAfter : [];
            if (!members.SetEquals(found))
                yield return $"CSV of {cohort}: {members.Except(found).Count()} members are missing, {found.Except(members).Count()} are none ({string.Join(' ', members.Except(found).Concat(found.Except(members)).Take(3))} …)";
        }
    }

    private Dictionary<string, List<Sync>> Syncs()
    {
        return CsvFileCount == 0 ? [] : Directory.GetFiles(CsvFolder, "*_manifest.json")
            .Select(manifest => Path.GetFileName(manifest).Split('_'))
            .GroupBy(parts => parts[1], parts => parts[2])
            .ToDictionary(cohort => cohort.Key, cohort => cohort.Order(StringComparer.Ordinal).Select(time => new Sync(
                time,
                UserIds(Path.Combine(CsvFolder, $"0_{cohort.Key}_{time}_existing.csv")),
                UserIds(Path.Combine(CsvFolder, $"0_{cohort.Key}_{time}_entering.csv")),
                UserIds(Path.Combine(CsvFolder, $"0_{cohort.Key}_{time}_exiting.csv")))).ToList());
    }

    private static HashSet<string> UserIds(string path)
    {
        using var csv = CsvReader.FromFile(path);
        var column = csv.Headers.ToList().IndexOf("userID");
        var users = new HashSet<string>();
        while (csv.Read())
            users.Add(csv[column].ToString());
        return users;
    }

    private static IEnumerable<string> CompareByUser(string destination, IEnumerable<(string User, string Record)> found, IEnumerable<(string User, string Record)> expected)
    {
        var foundOf = found.ToLookup(record => record.User, record => record.Record);
        var expectedOf = expected.ToLookup(record => record.User, record => record.Record);
        foreach (var user in foundOf.Select(records => records.Key).Union(expectedOf.Select(records => records.Key)).Order(StringComparer.Ordinal))
        {
            var (left, right) = (expectedOf[user].ToList(), foundOf[user].ToList());
            var same = left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
            if (same < left.Count || same < right.Count)
                yield return $"{destination}, {user}: {left.Count} records expected, {right.Count} found; the first difference is at {same + 1}: {left.ElementAtOrDefault(same)} — {right.ElementAtOrDefault(same)}";
        }
    }

    /// <summary>The payloads in order; with <paramref name="mayRepeat"/> without those that were there before, byte for byte.</summary>
    private List<JsonElement> Records(string destination, bool mayRepeat, Func<JsonElement, string> idOf)
    {
        var first = new Dictionary<string, string>();
        var records = new List<JsonElement>();
        foreach (var data in Lines(destination))
        {
            var (id, bytes) = (idOf(data), data.GetRawText());
            if (first.TryAdd(id, bytes))
                records.Add(data);
            else if (!mayRepeat)
                throw new InvalidDataException($"{destination}: {id} is there twice");
            else if (first[id] != bytes)
                throw new InvalidDataException($"{destination}: {id} is there twice with different bytes:\n{first[id]}\n{bytes}");
        }

        return records;
    }

    private IEnumerable<JsonElement> Lines(string destination)
    {
        var path = Path.Combine(folder, $"{destination}.jsonl");
        if (!File.Exists(path))
            return [];
        // A process that was killed while it wrote leaves a piece of a line, which nobody may take for a record.
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("data"))];
    }

    private static IEnumerable<OracleDelta> AllDeltas(PipelineProof proof) => proof.Expected.Deltas.Values.SelectMany(deltas => deltas);

    private static string OracleJsonOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) ? CanonicalProperties.Of(Encoding.UTF8.GetBytes(member.GetRawText())) : "";

    private static string Nanoseconds(long instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant).ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + "000000Z";

    /// <summary>The three files of one cohort and boundary.</summary>
    private sealed record Sync(string Time, HashSet<string> Existing, HashSet<string> Entering, HashSet<string> Exiting)
    {
        public HashSet<string> MembersAfter => [.. Existing.Union(Entering).Except(Exiting)];
    }
}
