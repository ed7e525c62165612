using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class AmplitudeCohortTests
{
    [Fact]
    public void Payloads_are_as_reviewed()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "identifier_field: user_id\ntrace_context: field"));
        composed
            .Take("u:ada", Delta(properties: """{"plan":"pro","tags":["a",1.50],"note":"quote \" and <tag>"}"""))
            .Take("u:ada", Delta(change: MembershipChange.Exit, version: 2, at: At + 5_000))
            .Take("d:phone", Delta(user: "", device: "phone"), 0, ("traceparent", TraceParent));
        GoldenFile.Check("Kinesis", "amplitude-cohort.jsonl", string.Join("\n", composed.Payloads) + "\n");
    }

    [Fact]
    public void Every_field_means_what_the_specification_says()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "identifier_field: user_id"));
        var delta = Delta(change: MembershipChange.Exit, properties: """{"plan":"pro"}""");
        composed.Take("u:ada", delta);
        var source = JsonNode.Parse(delta)!;
        var payload = JsonNode.Parse(Assert.Single(composed.Payloads))!.AsObject();
        Assert.Equal(["cohort_name", "cohort_id", "in_cohort", "computed_time", "message_id", "users"], payload.Select(member => member.Key));
        Assert.Equal((string?)source["cohort_name"], (string?)payload["cohort_name"]);
        Assert.Equal("high-intent", (string?)payload["cohort_id"]);
        Assert.False((bool)payload["in_cohort"]!);
        Assert.Equal(JsonValueKind.String, payload["computed_time"]!.GetValueKind());
        Assert.Equal(((long)source["computed_at"]!).ToString(System.Globalization.CultureInfo.InvariantCulture), (string?)payload["computed_time"]);
        Assert.Equal($"{source["delta_id"]}::exit::0", (string?)payload["message_id"]);
        Assert.Equal("""[{"user_id":"ada","user_properties":{"plan":"pro"}}]""", payload["users"]!.ToJsonString());
        Assert.Equal("ada", composed.Records[0].PartitionKey);
    }

    [Fact]
    public void Several_users_of_one_second_share_a_record_with_an_id_over_all_of_them()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "users_per_record: 3"));
        var deltas = new[] { Delta("ada"), Delta("bob", properties: """{"plan":"pro"}"""), Delta("cyd") };
        composed.Take("u:ada", deltas[0]).Take("u:bob", deltas[1]).Take("u:cyd", deltas[2]);
        GoldenFile.Check("Kinesis", "amplitude-cohort-users.json", Assert.Single(composed.Payloads) + "\n");

        var payload = JsonNode.Parse(composed.Payloads.Single())!;
        var ids = string.Concat(deltas.Select(delta => (string)JsonNode.Parse(delta)!["delta_id"]!));
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(ids))).Replace('+', '-').Replace('/', '_')[..22];
        Assert.Equal($"{hash}::enter::0", (string?)payload["message_id"]);
        Assert.Equal(3, composed.Records[0].OrderKeys.Length);
    }

    [Fact]
    public void Waits_for_more_users_no_longer_than_linger()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "linger: 500ms"));
        composed.Take("u:ada", Delta("ada"), now: 1_000).Take("u:bob", Delta("bob"), now: 1_400).Tick(1_499);
        Assert.Empty(composed.Records);
        composed.Tick(1_500);
        Assert.Equal(2, Assert.Single(composed.Records).Sequences.Count);
    }

    [Fact]
    public void A_record_holds_one_cohort_one_direction_and_one_computed_time()
    {
        using var composed = new Composed(Destination("amplitude-cohort"));
        composed
            .Take("u:ada", Delta("ada"))
            .Take("u:bob", Delta("bob", cohort: "other"))
            .Take("u:cyd", Delta("cyd", change: MembershipChange.Exit))
            .Take("u:dan", Delta("dan", at: At + 1_000))
            .Tick(10_000);
        Assert.Equal(4, composed.Records.Count);
    }

    [Fact]
    public void A_user_who_changes_again_sends_the_open_record_on_first()
    {
        using var composed = new Composed(Destination("amplitude-cohort"));
        composed
            .Take("u:ada", Delta("ada"))
            .Take("u:bob", Delta("bob"))
            .Take("u:ada", Delta("ada", change: MembershipChange.Exit, version: 2, at: At + 2_000));
        Assert.Equal(["ada", "bob"], Users(Assert.Single(composed.Records)));
        composed.Tick(10_000);
        Assert.Equal(["ada"], Users(composed.Records[1]));
    }

    [Fact]
    public void A_record_never_grows_past_the_limit_with_its_key()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "record_bytes: 1024"));
        for (var i = 0; i < 40; i++)
            composed.Take($"u:user{i:d3}", Delta($"user{i:d3}", properties: $$"""{"note":"{{new string('x', i)}}"}"""));
        composed.Tick(10_000);
        Assert.Equal(40, composed.Records.Sum(record => record.Sequences.Count));
        Assert.All(composed.Records, record => Assert.InRange(record.Data.Length + Encoding.UTF8.GetByteCount(record.PartitionKey), 1, 1_024));
        Assert.Contains(composed.Records, record => record.Size > 950);
    }

    [Theory]
    [InlineData("users_per_record: 100")]
    [InlineData("identifier_field: user_id")]
    public void What_is_too_large_alone_is_a_dead_letter_and_the_rest_goes_on(string definition)
    {
        using var composed = new Composed(Destination("amplitude-cohort", $"record_bytes: 1024\n{definition}"));
        composed
            .Take("u:ada", Delta("ada", properties: $$"""{"note":"{{new string('x', 1_000)}}"}"""))
            .Take("u:bob", Delta("bob"))
            .Tick(10_000);
        Assert.Single(composed.Records);
        Assert.Equal(1, composed.DeadLettersAfterAccepting());
    }

    private static IEnumerable<string> Users(CohortPipeline.Sinks.Kinesis.OutboundRecord record) =>
        JsonNode.Parse(record.Data.Span)!["users"]!.AsArray().Select(user => (string)user!["user_id"]!);

    [Fact]
    public void A_record_is_made_up_to_exactly_the_limit_and_one_more_byte_is_a_dead_letter()
    {
        const int RecordBytesMax = 2_048;
        const int Count = 600;
        using var composed = new Composed(Destination("amplitude-cohort", $"identifier_field: user_id\nrecord_bytes: {RecordBytesMax}"));
        for (var length = 1_500; length < 1_500 + Count; length++)
            composed.Take("u:ada", Delta(properties: $$"""{"n":"{{new string('x', length)}}"}"""));

        // Each is a byte longer than the one before.
        Assert.Equal(RecordBytesMax, composed.Records[^1].Size);
        Assert.Equal(Enumerable.Range(composed.Records[0].Size, composed.Records.Count), composed.Records.Select(record => record.Size));
        Assert.Equal(Count - composed.Records.Count, composed.DeadLettersAfterAccepting());
    }
}
