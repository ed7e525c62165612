using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Tests.Unit.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class EventsTests
{
    /// <summary>The fields that docs/spec/destinations.md §2 says are always there.</summary>
    private const string AlwaysThere =
        "event_type user_id device_id event_time amplitude_id uuid $insert_id event_properties user_properties groups event_name created_at " +
        "server_received_time app device_carrier $schema city platform os_version processed_time user_creation_time version_name ip_address paying dma " +
        "group_properties client_upload_time library amplitude_attribution_ids device_type device_manufacturer start_version location_lng server_upload_time " +
        "event_id location_lat os_name amplitude_event_type device_brand data language device_model country region is_attribution_event adid session_id " +
        "device_family sample_rate idfa client_event_time";

    [Fact]
    public void Payloads_are_as_reviewed()
    {
        using var composed = new Composed(Destination("events", "identifies: true\ntrace_context: field"));
        composed
            .Take("u:ada", Event("product_viewed", time: At - 500, context: """{"platform":"iOS","groups":{"org":["x"]},"revenue":1.50,"user_id":"ignored"}""", properties: """{"sku":"A-1"}""", userProperties: """{"$set":{"plan":"pro"}}"""))
            .Take("d:phone", Event("page", user: "", device: "phone"), 0, ("traceparent", TraceParent))
            .Take("u:ada", Identify("""{"$set":{"plan":"pro"},"$add":{"seats":1}}"""));
        GoldenFile.Check("Kinesis", "events.jsonl", string.Join("\n", composed.Payloads) + "\n");
    }

    [Fact]
    public void All_promised_fields_are_always_there_and_null_where_absent()
    {
        using var composed = new Composed(Destination("events"));
        composed.Take("u:ada", Event("page"));
        var payload = JsonNode.Parse(Assert.Single(composed.Payloads))!.AsObject();
        Assert.Equal(AlwaysThere.Split(' ').Order(StringComparer.Ordinal), payload.Select(member => member.Key).Order(StringComparer.Ordinal));
        string[] filled = ["event_type", "user_id", "event_time", "amplitude_id", "uuid", "event_name", "created_at"];
        Assert.Equal(filled.Order(StringComparer.Ordinal), payload.Where(member => member.Value is not null).Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_field_means_what_the_specification_says()
    {
        using var composed = new Composed(Destination("events", "identifier_field: amplitude_id"));
        composed.Take("u:ada", Event("page", device: "phone", time: At - 1, insertId: "i-1", context: """{"city":"Oslo","custom":{"a":[1]}}""", properties: """{"n":1.0}""", userProperties: """{"$set":{"plan":"pro"}}"""));
        var payload = JsonNode.Parse(Assert.Single(composed.Payloads))!;
        Assert.Equal("page", (string?)payload["event_type"]);
        Assert.Equal("page", (string?)payload["event_name"]);
        Assert.Equal("phone", (string?)payload["device_id"]);
        Assert.Equal("2026-03-03 10:00:00.122000", (string?)payload["event_time"]);
        Assert.Equal((string?)payload["event_time"], (string?)payload["created_at"]);
        Assert.Equal("i-1", (string?)payload["$insert_id"]);
        Assert.Equal("""{"n":1.0}""", payload["event_properties"]!.ToJsonString());
        Assert.Equal("""{"plan":"pro"}""", payload["user_properties"]!.ToJsonString());
        Assert.Equal("Oslo", (string?)payload["city"]);
        Assert.Equal("""{"a":[1]}""", payload["custom"]!.ToJsonString());
        var amplitudeId = ProfileKey.AmplitudeId(Utf8("u:ada"));
        Assert.Equal(amplitudeId, (long)payload["amplitude_id"]!);
        Assert.Equal(amplitudeId.ToString(CultureInfo.InvariantCulture), composed.Records[0].PartitionKey);
    }

    [Fact]
    public void The_id_is_made_of_where_the_record_came_from()
    {
        using var composed = new Composed(Destination("events"));
        composed.Take("u:ada", Event("page")).Take("u:ada", Event("page")).Take("u:ada", Event("page", sourceOffset: 8));
        var ids = composed.Payloads.Select(payload => (string)JsonNode.Parse(payload)!["uuid"]!).ToArray();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("events\03\07\00")));
        Assert.StartsWith(hash[..8], ids[0], StringComparison.Ordinal);
        Assert.Equal(8, Guid.Parse(ids[0]).Version);
    }

    [Fact]
    public void Forwards_the_types_that_are_asked_for_each_once_and_nothing_of_ours()
    {
        using var composed = new Composed(Destination("events", "events: [page, bought]"));
        composed
            .Take("u:ada", Event("page"))
            .Take("u:ada", Event("bought"))
            .Take("u:ada", Event("pages"))
            .Take("u:ada", Event("page", moved: 12))
            .Take("u:ada", Identify("""{"$set":{"a":1}}"""))
            .Take("", Utf8("""{"type":"watermark","topic":"events","partitions":1,"read":{"0":1}}"""))
            .Take("d:phone", Utf8("""{"type":"link","l":1,"device_id":"phone","user_id":"ada"}"""));
        Assert.Equal(["page", "bought"], composed.Payloads.Select(payload => (string?)JsonNode.Parse(payload)!["event_type"]));
        Assert.Equal(new SinkCounts(7, 0, 0, 5, 2), composed.Counts);
    }

    [Fact]
    public void Operations_stay_operations()
    {
        using var composed = new Composed(Destination("events", "identifies: true"));
        const string operations = """{"$set":{"plan":"pro"},"$unset":{"city":"-"}}""";
        composed.Take("u:ada", Event("page", userProperties: operations)).Take("u:ada", Identify("""{"$set":{"plan":"pro"}}"""));
        var payloads = composed.Payloads.Select(payload => JsonNode.Parse(payload)!).ToArray();
        Assert.Equal(operations, payloads[0]["user_properties"]!.ToJsonString());
        Assert.Equal("$identify", (string?)payloads[1]["event_type"]);
        Assert.Equal("""{"$set":{"plan":"pro"}}""", payloads[1]["user_properties"]!.ToJsonString());
    }

    internal static byte[] Event(
        string type,
        string user = "ada",
        string device = "",
        long? time = null,
        string insertId = "",
        string context = "",
        string properties = "",
        string userProperties = "",
        long? moved = null,
        long sourceOffset = 7) => Write(new()
        {
            Type = ActivityType.Event,
            Event = Utf8(type),
            Timestamp = At,
            UserId = Utf8(user),
            DeviceId = Utf8(device),
            Time = time,
            InsertId = Utf8(insertId),
            Source = new("events"u8, 3, sourceOffset, 0),
            Moved = moved,
            UserProperties = Utf8(userProperties),
            Properties = Utf8(properties),
            Context = Utf8(context),
        });

    private static byte[] Identify(string operations) => Write(new()
    {
        Type = ActivityType.Identify,
        Timestamp = At,
        UserId = "ada"u8,
        Source = new("identifies"u8, 0, 1, 2),
        UserProperties = Utf8(operations),
    });

    private static byte[] Write(in ActivityRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            ActivityWriter.Write(writer, record);
        return buffer.WrittenSpan.ToArray();
    }
}
