using System.Text.Json.Nodes;

namespace CohortPipeline.Tests.Unit.Rules.Definitions;

/// <summary>JSON documents one change away from others.</summary>
internal static class SmallChanges
{
    private static readonly string[] OtherValues = ["null", "true", "0", "-1", "1.5", "20000", "\"\"", "\"x\"", "\"*\"", "\"1d\"", "\"2026-01-01\"", "[]", "[\"x\"]", "[1, 2]", "{}", "{\"x\": 1}", "{\"at_least\": 1}", "{\"event\": \"x\"}"];

    /// <summary>The documents themselves, and with each member in turn left out, under another name, or with another value.</summary>
    public static IEnumerable<string> Of(params string[] documents) => documents.SelectMany(json => Of(JsonNode.Parse(json)!).Prepend(json));

    private static IEnumerable<string> Of(JsonNode root)
    {
        foreach (var place in Places(root, []).ToList())
        {
            foreach (var other in OtherValues)
                yield return Changed(root, place, (holder, key) => Set(holder, key, JsonNode.Parse(other)));
            if (place[^1] is not string name)
                continue;
            yield return Changed(root, place, (holder, _) => holder.AsObject().Remove(name));
            yield return Changed(root, place, (holder, _) => Rename(holder.AsObject(), name, name + "x"));
        }
    }

    private static IEnumerable<object[]> Places(JsonNode? node, object[] path) => node switch
    {
        JsonObject map => map.SelectMany(member => Places(member.Value, [.. path, member.Key]).Prepend([.. path, member.Key])),
        JsonArray list => list.SelectMany((item, i) => Places(item, [.. path, i]).Prepend([.. path, i])),
        _ => [],
    };

    private static string Changed(JsonNode root, object[] place, Action<JsonNode, object> change)
    {
        var copy = root.DeepClone();
        var holder = copy;
        foreach (var key in place[..^1])
            holder = (key is string name ? holder[name] : holder[(int)key])!;
        change(holder, place[^1]);
        return copy.ToJsonString();
    }

    private static void Set(JsonNode holder, object key, JsonNode? value)
    {
        if (key is string name)
            holder[name] = value;
        else
            holder[(int)key] = value;
    }

    private static void Rename(JsonObject holder, string from, string to)
    {
        var value = holder[from];
        holder.Remove(from);
        holder[to] = value;
    }
}
