using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Makes a failing history small: drops record after record, change sets whole, and then part after part of what is left, as long as it still fails.</summary>
public static class ActivityShrinker
{
    /// <summary>What of a record may be left out or made simpler.</summary>
    private static readonly string[] Simplified = ["definition", "properties", "user_properties", "context", "time", "insert_id", "device_id"];

    public static IReadOnlyList<OracleRecord> Shrink(IReadOnlyList<OracleRecord> records, Func<IReadOnlyList<OracleRecord>, bool> fails)
    {
        for (var before = int.MaxValue; Size(records) < before;)
        {
            before = Size(records);
            foreach (var group in records.GroupBy(Unit).Reverse().ToList())
                records = Smaller(records, [records.Except(group).ToList()], fails) ?? records;
            for (var i = 0; i < records.Count; i++)
            {
                while (Smaller(records, Simpler(records[i]).Select(simpler => records.Select(record => record == records[i] ? simpler : record).ToList()), fails) is { } smaller)
                    records = smaller;
            }
        }

        return records;
    }

    /// <summary>The history as text, a record a line.</summary>
    public static string Print(IReadOnlyList<OracleRecord> records) =>
        string.Join('\n', records.Select(record => $"  {record.Offset} {record.Key} {Text(record)}"));

    private static IReadOnlyList<OracleRecord>? Smaller(IReadOnlyList<OracleRecord> records, IEnumerable<IReadOnlyList<OracleRecord>> candidates, Func<IReadOnlyList<OracleRecord>, bool> fails) =>
        candidates.FirstOrDefault(candidate => Size(candidate) < Size(records) && fails(candidate));

    private static int Size(IReadOnlyList<OracleRecord> records) => records.Sum(record => record.Value?.Length ?? 1);

    private static string Text(OracleRecord record) => record.Value is null ? "" : Encoding.UTF8.GetString(record.Value);

    /// <summary>The parts of a change set stand or fall together.</summary>
    private static string Unit(OracleRecord record)
    {
        var text = Text(record);
        var change = text.IndexOf("\"change\":", StringComparison.Ordinal);
        return change < 0 ? $"record {record.Offset}" : text[change..text.IndexOf(',', change)];
    }

    /// <summary>The record without one member or element somewhere, or with one in the place of what holds it.</summary>
    private static IEnumerable<OracleRecord> Simpler(OracleRecord record)
    {
        if (record.Value is null || JsonNode.Parse(record.Value) is not JsonObject json)
            yield break;
        foreach (var name in Simplified.Where(json.ContainsKey))
        {
            foreach (var simpler in Simpler(json[name]))
            {
                var copy = json.DeepClone().AsObject();
                copy[name] = simpler;
                yield return record with { Value = JsonSerializer.SerializeToUtf8Bytes(copy) };
            }

            var without = json.DeepClone().AsObject();
            without.Remove(name);
            if (name != "definition")
                yield return record with { Value = JsonSerializer.SerializeToUtf8Bytes(without) };
        }
    }

    private static IEnumerable<JsonNode?> Simpler(JsonNode? node)
    {
        var keys = node switch
        {
            JsonObject members => members.Select(member => (object)member.Key).ToArray(),
            JsonArray elements => [.. Enumerable.Range(0, elements.Count).Cast<object>()],
            _ => [],
        };
        foreach (var key in keys)
        {
            yield return With(node!, copy => Remove(copy, key));
            foreach (var simpler in Simpler(Child(node!, key)))
                yield return With(node!, copy => Put(copy, key, simpler));
            if (Child(node!, key) is JsonObject or JsonArray)
                yield return Child(node!, key)!.DeepClone();
        }
    }

    private static JsonNode With(JsonNode node, Action<JsonNode> change)
    {
        var copy = node.DeepClone();
        change(copy);
        return copy;
    }

    private static JsonNode? Child(JsonNode node, object key) => key is string name ? node[name] : node[(int)key];

    private static void Remove(JsonNode node, object key)
    {
        if (key is string name)
            node.AsObject().Remove(name);
        else
            node.AsArray().RemoveAt((int)key);
    }

    private static void Put(JsonNode node, object key, JsonNode? value)
    {
        if (key is string name)
            node[name] = value?.DeepClone();
        else
            node[(int)key] = value?.DeepClone();
    }
}
