using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// What <see cref="ShopDestinations"/> must have been sent by the oracle, and whether they were. Read by the vendors' names and
/// by code that is not the writer's. Differences are answered as text; none: they agree.
/// </summary>
/// <param name="mayRepeat">A record may be there again with the same id and the same bytes: only its first place counts.</param>
internal sealed class SinkComparison(ISinkOutput output, bool mayRepeat)
{
    private const int DifferencesMax = 10;

    /// <summary>What differs from what the oracle's deltas, members and <c>activity</c> ask for.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(PipelineProof proof, CancellationToken cancellation)
    {
        var updates = await output.RecordsAsync(ShopDestinations.CohortUpdates, cancellation);
        var triggers = await output.RecordsAsync(ShopDestinations.ProfileTriggers, cancellation);
        var events = await output.RecordsAsync(ShopDestinations.ShopEvents, cancellation);
        var syncs = new SyncedCohorts(await output.ObjectsAsync(cancellation));
        return
        [
            .. CompareCohortUpdates(updates, proof)
                .Concat(CompareTriggers(triggers, proof))
                .Concat(CompareEvents(events, proof.Activity))
                .Concat(syncs.Differences())
                .Concat(CompareMembers(syncs, proof.Expected))
                .Take(DifferencesMax),
        ];
    }

    /// <summary>One user a record, each delta once, in the user's order.</summary>
    private IEnumerable<string> CompareCohortUpdates(IEnumerable<SentRecord> records, PipelineProof proof) => CompareByUser(
        ShopDestinations.CohortUpdates,
        Payloads(ShopDestinations.CohortUpdates, records, data => data.GetProperty("message_id").GetString()!).Select(record =>
        {
            var data = record.Data;
            var user = data.GetProperty("users").EnumerateArray().Single();
            var properties = OracleJsonOf(user, "user_properties");
            return (
                UserOf(user, record.PartitionKey),
                $"{data.GetProperty("cohort_id").GetString()} \"{data.GetProperty("cohort_name").GetString()}\" {data.GetProperty("in_cohort").GetBoolean()} {data.GetProperty("computed_time").GetString()} {data.GetProperty("message_id").GetString()} {properties}");
        }),
        AllDeltas(proof).Select(delta => (
            delta.UserId!,
            $"{delta.CohortId} \"{delta.CohortName}\" {delta.Change == "enter"} {delta.ComputedAt} {delta.DeltaId}::{delta.Change}::0 {delta.Properties}")));

    /// <summary>One record a user and evaluation, with all its changes.</summary>
    private IEnumerable<string> CompareTriggers(IEnumerable<SentRecord> records, PipelineProof proof) => CompareByUser(
        ShopDestinations.ProfileTriggers,
        Payloads(ShopDestinations.ProfileTriggers, records, data => data.GetProperty("id").GetString()!).Select(record =>
        {
            var data = record.Data.GetProperty("data");
            var changes = data.GetProperty("segment_events").EnumerateArray().Select(change => $"{change.GetProperty("event").GetString()} {change.GetProperty("slug").GetString()}");
            return (data.GetProperty("user_id").GetString()!, $"{record.Data.GetProperty("id").GetString()} {data.GetProperty("_modified").GetString()} {string.Join(", ", changes)}");
        }),
        AllDeltas(proof).GroupBy(delta => (delta.ProfileKey, First: delta.Version - delta.Part)).Select(changes => (
            changes.First().UserId!,
            $"{changes.First().DeltaId} {Nanoseconds(changes.First().At)} {string.Join(", ", changes.Select(delta => $"{delta.Change} {delta.CohortId}"))}")));

    /// <summary>Every event and identify call of <c>activity</c> once.</summary>
    private IEnumerable<string> CompareEvents(IEnumerable<SentRecord> records, IEnumerable<DumpedRecord> activity) => CompareByUser(
        ShopDestinations.ShopEvents,
        Payloads(ShopDestinations.ShopEvents, records, data => data.GetProperty("uuid").GetString()!)
            .Select(record => (UserOf(record.Data, record.PartitionKey), record.Data.GetProperty("event_type").GetString()!)),
        activity.Select(record => JsonSerializer.Deserialize<JsonElement>(record.Value)).SelectMany(json => json.GetProperty("type").GetString() switch
        {
            "event" => [(json.GetProperty("user_id").GetString()!, json.GetProperty("event").GetString()!)],
            "identify" => [(json.GetProperty("user_id").GetString()!, "$identify")],
            _ => ((string, string)[])[],
        }));

    /// <summary>The last sync leaves the oracle's members.</summary>
    private static IEnumerable<string> CompareMembers(SyncedCohorts syncs, OracleResult expected)
    {
        foreach (var cohort in expected.Memberships.Keys.Select(key => key.CohortId).Distinct())
        {
            var members = expected.Memberships.Values.Where(row => row.In && row.CohortId == cohort).Select(row => row.UserId!).ToHashSet();
            var found = syncs.MembersOf(cohort);
            if (!members.SetEquals(found))
                yield return $"CSV of {cohort}: {members.Except(found).Count()} members are missing, {found.Except(members).Count()} are none ({string.Join(' ', members.Except(found).Concat(found.Except(members)).Take(3))} …)";
        }
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

    /// <summary>The payloads in order; where they may repeat, without those that were there before, byte for byte.</summary>
    private List<(string PartitionKey, JsonElement Data)> Payloads(string destination, IEnumerable<SentRecord> records, Func<JsonElement, string> idOf)
    {
        var first = new Dictionary<string, string>();
        var payloads = new List<(string, JsonElement)>();
        foreach (var record in records)
        {
            var data = JsonSerializer.Deserialize<JsonElement>(record.Data.Span);
            var (id, bytes) = (idOf(data), Encoding.UTF8.GetString(record.Data.Span));
            if (first.TryAdd(id, bytes))
                payloads.Add((record.PartitionKey, data));
            else if (!mayRepeat)
                throw new InvalidDataException($"{destination}: {id} is there twice");
            else if (first[id] != bytes)
                throw new InvalidDataException($"{destination}: {id} is there twice with different bytes:\n{first[id]}\n{bytes}");
        }

        return payloads;
    }

    /// <summary>The user that a record names; its partition key must be the same.</summary>
    private static string UserOf(JsonElement data, string partitionKey)
    {
        var user = data.GetProperty("user_id").GetString()!;
        return user == partitionKey ? user : $"{user} under the partition key {partitionKey}";
    }

    private static IEnumerable<OracleDelta> AllDeltas(PipelineProof proof) => proof.Expected.Deltas.Values.SelectMany(deltas => deltas);

    private static string OracleJsonOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) ? CanonicalProperties.Of(Encoding.UTF8.GetBytes(member.GetRawText())) : "";

    private static string Nanoseconds(long instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant).ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + "000000Z";
}
