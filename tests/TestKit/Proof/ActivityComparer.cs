using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.TestKit.Proof;

/// <summary>
/// Conservation at ingest: what was published is in <c>activity</c> or <c>dead-letters</c>, each entry exactly once and with
/// what it says, and the records of one source partition keep their order for each profile. Answers differences as text;
/// none: it holds.
/// </summary>
public static class ActivityComparer
{
    private const int DifferencesMax = 10;

    public static IReadOnlyList<string> Compare(
        IEnumerable<DumpedRecord> published,
        IReadOnlyList<IReadOnlyList<DumpedRecord>> activity,
        IEnumerable<DumpedRecord> deadLetters)
    {
        var source = published.ToDictionary(record => (record.Topic, record.Partition, record.Offset));
        var arrived = activity.SelectMany(records => records).Select(Arrival.Of).OfType<Arrival>().ToList();
        var dead = deadLetters.Select(DeadEntry).Where(entry => source.ContainsKey((entry.Topic, entry.Partition, entry.Offset))).ToList();
        return [.. Multiset(source.Values.SelectMany(Entries), arrived.Select(arrival => arrival.Entry).Concat(dead))
            .Concat(Content(source, arrived))
            .Concat(Order(arrived))
            .Concat(Homes(arrived))
            .Take(DifferencesMax)];
    }

    private static IEnumerable<string> Multiset(IEnumerable<Entry> published, IEnumerable<Entry> found)
    {
        var counts = new Dictionary<Entry, int>();
        foreach (var entry in found)
            counts[entry] = counts.GetValueOrDefault(entry) + 1;
        foreach (var entry in published)
        {
            if (!counts.Remove(entry, out var count))
                yield return $"lost: {entry} is neither in activity nor in dead-letters";
            else if (count > 1)
                yield return $"twice: {entry} is {count} times in activity and dead-letters";
        }

        foreach (var entry in counts.Keys)
            yield return $"made up: {entry} was never published";
    }

    private static IEnumerable<string> Content(Dictionary<(string Topic, int Partition, long Offset), DumpedRecord> source, IEnumerable<Arrival> arrived)
    {
        foreach (var (entry, _, _, found) in arrived)
        {
            if (!source.TryGetValue((entry.Topic, entry.Partition, entry.Offset), out var record))
                continue;
            var json = JsonSerializer.Deserialize<JsonElement>(record.Value);
            if (RecordContent.OfPublished(BatchOf(json) is { } batch ? batch[entry.Index] : json) is { } expected && expected != found)
                yield return $"changed: {entry} says {expected}, in activity {found}";
        }
    }

    private static IEnumerable<string> Order(IEnumerable<Arrival> arrived)
    {
        var last = new Dictionary<(string Topic, int Partition, string Profile), Arrival>();
        foreach (var arrival in arrived)
        {
            var stream = (arrival.Entry.Topic, arrival.Entry.Partition, arrival.Profile);
            if (last.TryGetValue(stream, out var before) && (before.Entry.Offset, before.Entry.Index).CompareTo((arrival.Entry.Offset, arrival.Entry.Index)) >= 0)
                yield return $"out of order for {arrival.Profile}: {arrival.Entry} comes after {before.Entry} in activity";
            last[stream] = arrival;
        }
    }

    private static IEnumerable<string> Homes(IEnumerable<Arrival> arrived) => arrived
        .GroupBy(arrival => arrival.Profile)
        .Where(records => records.Select(record => record.ActivityPartition).Distinct().Count() > 1)
        .Select(records => $"{records.Key} has records in several partitions of activity");

    /// <summary>The places of a published record that become records of their own: those of an Amplitude batch, else the record itself.</summary>
    private static IEnumerable<Entry> Entries(DumpedRecord record)
    {
        var count = 1;
        try
        {
            count = BatchOf(JsonSerializer.Deserialize<JsonElement>(record.Value))?.GetArrayLength() ?? 1;
        }
        catch (JsonException)
        {
            // Not JSON: one dead letter.
        }

        return Enumerable.Range(0, count).Select(index => new Entry(record.Topic, record.Partition, record.Offset, index));
    }

    /// <summary>The entries of an Amplitude batch; null for anything else.</summary>
    private static JsonElement? BatchOf(JsonElement json)
    {
        foreach (var name in (string[])["events", "identification"])
        {
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
                return list;
        }

        return null;
    }

    private static Entry DeadEntry(DumpedRecord record) => new(
        record.Header("dlq.topic") ?? "",
        int.Parse(record.Header("dlq.partition") ?? "-1", CultureInfo.InvariantCulture),
        long.Parse(record.Header("dlq.offset") ?? "-1", CultureInfo.InvariantCulture),
        int.Parse(record.Header("dlq.entry") ?? "0", CultureInfo.InvariantCulture));

    /// <summary>A place in the producers' topics.</summary>
    private readonly record struct Entry(string Topic, int Partition, long Offset, int Index)
    {
        public override string ToString() => $"{Topic}/{Partition}@{Offset}[{Index}]";
    }

    /// <summary>A record of activity that came from a producer; copies of one that moved are not counted.</summary>
    private sealed record Arrival(Entry Entry, string Profile, int ActivityPartition, RecordContent Content)
    {
        public static Arrival? Of(DumpedRecord record)
        {
            var json = JsonSerializer.Deserialize<JsonElement>(record.Value);
            if (!json.TryGetProperty("src", out var src) || json.TryGetProperty("moved", out _))
                return null;
            return new(new(src[0].GetString()!, src[1].GetInt32(), src[2].GetInt64(), src[3].GetInt32()), record.Key, record.Partition, RecordContent.OfActivity(json));
        }
    }
}
