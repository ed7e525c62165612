using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CohortPipeline.Rules.Values;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Values;

/// <summary>Members and elements are found where the platform's reader finds them.</summary>
public sealed class RawCursorTests
{
    private const int CaseCount = 500;

    private static readonly string[] Texts = ["", "a", "b.c", "\"", "\\", "\\\"", "{[", "]},", "é😀", "tab\tline\n", "\u0001", "c:d"];

    /// <summary>A failure names its seed; <c>SEED=n</c> repeats from that seed on, <c>CASES=n</c> sets how many are tried.</summary>
    [Fact]
    public void Finds_members_and_elements_where_they_are()
    {
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new Random(seed);
            var node = (JsonNode)new JsonObject { ["first"] = Value(random, 3), ["all"] = new JsonArray(Value(random, 3), Value(random, 3)), ["last"] = Value(random, 3) };
            var text = node.ToJsonString(new() { WriteIndented = random.Next(2) == 0 });
            var json = Encoding.UTF8.GetBytes(random.Next(3) == 0 ? $" \n{text.Replace("\":", "\" :\t", StringComparison.Ordinal)} " : text);
            using var document = JsonDocument.Parse(json);
            Assert.True(IsSame(json, document.RootElement), $"SEED={seed} CASES=1 repeats it: {Encoding.UTF8.GetString(json)}");
        }
    }

    private static bool IsSame(ReadOnlySpan<byte> json, JsonElement expected)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            using var members = expected.EnumerateObject();
            foreach (var member in new RawMembers(json))
            {
                if (!members.MoveNext() || Scalar.Unescaped(json[member.Name]) != members.Current.Name || !IsSame(json[member.Value], members.Current.Value))
                    return false;
            }

            return !members.MoveNext();
        }

        if (expected.ValueKind == JsonValueKind.Array)
        {
            using var elements = expected.EnumerateArray();
            foreach (var element in new RawElements(json))
            {
                if (!elements.MoveNext() || !IsSame(json[element], elements.Current))
                    return false;
            }

            return !elements.MoveNext();
        }

        return Encoding.UTF8.GetString(json) == expected.GetRawText();
    }

    private static JsonNode? Value(Random random, int depth) => random.Next(depth == 0 ? 5 : 8) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-100, 100)),
        3 => JsonValue.Create(random.NextDouble() * 1e9),
        4 => JsonValue.Create(Texts[random.Next(Texts.Length)]),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(number => KeyValuePair.Create($"{Texts[random.Next(Texts.Length)]}{number}", Value(random, depth - 1)))),
    };
}
