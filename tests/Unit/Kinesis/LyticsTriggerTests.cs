using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class LyticsTriggerTests
{
    [Fact]
    public void Payloads_are_as_reviewed()
    {
        using var composed = new Composed(Destination("lytics-trigger", "trace_context: field"));
        composed
            .Take("u:ada", Delta("ada", "alpha", part: 1, parts: 2, properties: """{"city":"Oslo","user_id":"mine","plan":"pro"}"""))
            .Take("u:ada", Delta("ada", "beta", MembershipChange.Exit, part: 2, parts: 2, version: 2, properties: """{"plan":"pro","seats":3}"""))
            .Take("d:phone", Delta("", "alpha", device: "phone", version: 3), 0, ("traceparent", TraceParent));
        GoldenFile.Check("Kinesis", "lytics-trigger.jsonl", string.Join("\n", composed.Payloads) + "\n");
    }

    [Fact]
    public void Every_field_means_what_the_specification_says()
    {
        using var composed = new Composed(Destination("lytics-trigger"));
        var delta = Delta("ada", "alpha");
        composed.Take("u:ada", delta);
        var source = JsonNode.Parse(delta)!;
        var payload = JsonNode.Parse(Assert.Single(composed.Payloads))!;
        Assert.Equal(["id", "data", "meta"], payload.AsObject().Select(member => member.Key));
        Assert.Equal((string?)source["delta_id"], (string?)payload["id"]);
        var data = payload["data"]!;
        Assert.Equal(["_created", "_modified", "user_id", "segment_events"], data.AsObject().Select(member => member.Key));
        Assert.Equal(Nanoseconds(source["first_seen_at"]), (string?)data["_created"]);
        Assert.Equal(Nanoseconds(source["at"]), (string?)data["_modified"]);
        var entered = Assert.Single(data["segment_events"]!.AsArray())!;
        Assert.Equal(["id", "event", "enter", "exit", "slug"], entered.AsObject().Select(member => member.Key));
        Assert.Equal(FirstHex("alpha"), (string?)entered["id"]);
        Assert.Equal("enter", (string?)entered["event"]);
        Assert.Equal(Nanoseconds(source["entered_at"]), (string?)entered["enter"]);
        Assert.Equal("2099-12-31T00:00:00.000000000Z", (string?)entered["exit"]);
        Assert.Equal("alpha", (string?)entered["slug"]);
        Assert.Equal(["subscription_id", "timestamp"], payload["meta"]!.AsObject().Select(member => member.Key));
        Assert.Equal(FirstHex("ads"), (string?)payload["meta"]!["subscription_id"]);
        Assert.Equal(Nanoseconds(source["at"]), (string?)payload["meta"]!["timestamp"]);
    }

    [Fact]
    public void One_evaluation_is_one_record_and_settles_all_its_deltas()
    {
        using var composed = new Composed(Destination("lytics-trigger", "identifier_field: plan"));
        composed.Take("u:ada", Delta("ada", "alpha", part: 1, parts: 3)).Take("u:ada", Delta("ada", "beta", part: 2, parts: 3, version: 2, properties: """{"plan":"pro"}"""));
        Assert.Empty(composed.Records);
        composed.Take("u:ada", Delta("ada", "gamma", part: 3, parts: 3, version: 3));
        Assert.Equal(3, Assert.Single(composed.Records).Sequences.Count);
        Assert.Equal("pro", composed.Records[0].PartitionKey);
    }

    [Fact]
    public void Parts_of_other_cohorts_are_left_out()
    {
        using var composed = new Composed(Destination("lytics-trigger", "cohorts: [alpha]"));
        composed.Take("u:ada", Delta("ada", "alpha", part: 1, parts: 2)).Take("u:ada", Delta("ada", "beta", part: 2, parts: 2, version: 2));
        composed.Take("u:bob", Delta("bob", "beta", part: 1, parts: 2)).Take("u:bob", Delta("bob", "gamma", part: 2, parts: 2, version: 2));
        Assert.Single(Assert.Single(composed.Records).Sequences);
        Assert.Equal(new SinkCounts(4, 0, 0, 3, 1), composed.Counts);
    }

    [Fact]
    public void An_evaluation_whose_last_part_never_comes_is_sent_before_the_next()
    {
        using var composed = new Composed(Destination("lytics-trigger"));
        composed.Take("u:ada", Delta("ada", "alpha", part: 1, parts: 2)).Take("u:bob", Delta("bob"));
        Assert.Equal(2, composed.Records.Count);
    }

    [Fact]
    public void An_evaluation_that_is_too_large_gives_up_each_of_its_deltas()
    {
        using var composed = new Composed(Destination("lytics-trigger", "record_bytes: 1024"));
        var large = $$"""{"note":"{{new string('x', 900)}}"}""";
        composed.Take("u:ada", Delta("ada", "alpha", part: 1, parts: 2, properties: large)).Take("u:ada", Delta("ada", "beta", part: 2, parts: 2, version: 2));
        Assert.Empty(composed.Records);
        Assert.Equal(2, composed.DeadLettersAfterAccepting());
    }

    private static string FirstHex(string id) => Convert.ToHexStringLower(SHA256.HashData(Utf8(id)))[..32];

    private static string Nanoseconds(JsonNode? time) => ((string)time!).Replace("Z", "000000Z", StringComparison.Ordinal);
}
