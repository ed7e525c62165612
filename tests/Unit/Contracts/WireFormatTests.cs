using System.Text.Json;
using CohortPipeline.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

/// <summary>The public records, byte for byte, and the schemas that describe them.</summary>
public class WireFormatTests
{
    public static TheoryData<int> Samples => [.. Enumerable.Range(0, WireSamples.All.Length)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_record_has_exactly_these_bytes(int sample) =>
        Assert.Equal(WireSamples.All[sample].Expected, WireSamples.Text(WireSamples.All[sample].Written));

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_record_satisfies_the_schema_of_its_topic(int sample)
    {
        var (topic, name, written, _) = WireSamples.All[sample];
        Assert.True(IsValid(topic, WireSamples.Text(written)), name);
    }

    [Theory]
    [InlineData("activity", """{"type":"event","event":"e","l":1}""")]
    [InlineData("activity", """{"type":"event","l":1,"user_id":"ada"}""")]
    [InlineData("activity", """{"type":"event","event":"e","l":1,"user_id":"ada","other":1}""")]
    [InlineData("activity", """{"type":"identify","l":1,"user_id":"ada","user_properties":{"plan":"pro"}}""")]
    [InlineData("activity", """{"type":"watermark","topic":"t","partitions":1,"read":{}}""")]
    [InlineData("activity", """{"type":"unheard-of"}""")]
    [InlineData("membership-deltas", """{"delta_id":"x"}""")]
    [InlineData("memberships", """{"in":true}""")]
    [InlineData("cohort-definitions", """{"version":1}""")]
    [InlineData("destinations", """{"id":"a","sink":"ftp","cadence":"daily"}""")]
    public void The_schemas_refuse_what_is_no_such_record(string topic, string json) => Assert.False(IsValid(topic, json));

    [Fact]
    public void Every_kind_of_activity_is_read_back()
    {
        var reader = new ActivityReader();
        foreach (var (_, name, written, _) in WireSamples.All.Where(sample => sample.Topic == "activity"))
            Assert.True(reader.TryRead(written, out _, out var error), $"{name}: {error}");
    }

    [Fact]
    public void An_event_is_read_back_member_for_member()
    {
        Assert.True(new ActivityReader().TryRead(WireSamples.All[0].Written, out var record, out _));
        Assert.Equal(ActivityType.Event, record.Type);
        Assert.Equal(
            ("product_viewed", 1_772_359_200_123L, "ada", "d1", (long?)1_772_359_200_122L, "i1", "events", 3, 42L, 1, (long?)7L),
            (Text(record.Event), record.Timestamp, Text(record.UserId), Text(record.DeviceId), record.Time, Text(record.InsertId), Text(record.Source.Topic), record.Source.Partition, record.Source.Offset, record.Source.Entry, record.Moved));
        Assert.Equal(
            ("[\"d:d1\"]", "{\"$set\":{\"plan\":\"pro\"}}", "{\"price\":1.50,\"ü\":\"\\\"\"}", "{\"platform\":\"web\"}"),
            (Text(record.Via), Text(record.UserProperties), Text(record.Properties), Text(record.Context)));

        static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
    }

    [Fact]
    public void A_delta_and_a_row_are_read_back_and_written_the_same_again()
    {
        foreach (var (_, name, written, expected) in WireSamples.All.Where(sample => sample.Topic is "membership-deltas" or "memberships"))
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
            {
                if (new DeltaReader().TryRead(written, out var delta, out _))
                    DeltaWriter.Write(writer, delta);
                else if (new MembershipReader().TryRead(written, out var row, out _))
                    MembershipWriter.Write(writer, row);
            }

            Assert.True(expected == System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan), name);
        }
    }

    private static bool IsValid(string topic, string json) => PublishedSchemas.IsValid(topic, json);
}
