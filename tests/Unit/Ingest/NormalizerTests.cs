using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.TestKit;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class NormalizerTests
{
    [Theory]
    [InlineData(100, 1000, 100)]
    [InlineData(1000, 100, 100)]
    [InlineData(-1, 100, 100)]
    [InlineData(0, 100, 0)]
    public void The_timestamp_is_the_records_or_the_wall_clock_if_that_is_earlier(long timestamp, long wallClock, long expected)
    {
        using var normalizer = new Normalizer();
        var source = new SourceRecord { Topic = "events"u8, Partition = 3, Offset = 42, Timestamp = timestamp, Value = "{\"event\":\"e\",\"user\":\"ada\"}"u8 };
        var records = normalizer.Normalize(source, wallClock);
        Assert.True(new ActivityReader().TryRead(records.Value(0), out var record, out _));
        Assert.Equal(expected, record.Timestamp);
    }

    [Fact]
    public void The_bytes_of_a_normalized_event_are_a_contract()
    {
        using var normalizer = new Normalizer();
        var records = normalizer.Normalize(Producer.Record("{\"user\":\"Zoë\",\"event\":\"a\\\"b\",\"properties\":{\"<&>\":\"\\u00e9\"}}"u8.ToArray()), Producer.WallClock);
        Assert.Equal(
            "{\"type\":\"event\",\"event\":\"a\\\"b\",\"l\":1700000000000,\"user_id\":\"Zoë\",\"src\":[\"events\",3,42,0],\"properties\":{\"<&>\":\"\\u00e9\"}}",
            Encoding.UTF8.GetString(records.Value(0)));
        Assert.Equal("u:Zoë", Encoding.UTF8.GetString(records.Key(0)));
    }

    [Fact]
    public void What_was_normalized_before_leaves_no_trace_in_the_next_record()
    {
        using var normalizer = new Normalizer();
        normalizer.Normalize(Producer.Record("{\"event_type\":\"a\",\"user_id\":\"ada\",\"device_id\":\"d\",\"time\":1,\"insert_id\":\"i\",\"event_properties\":{\"a\": 1},\"user_properties\":{\"b\":2},\"c\":3}"u8.ToArray()), Producer.WallClock);
        var records = normalizer.Normalize(Producer.Record("{\"event\":\"e\",\"device_id\":\"x\"}"u8.ToArray()), Producer.WallClock);
        Assert.Equal("{\"type\":\"event\",\"event\":\"e\",\"l\":1700000000000,\"device_id\":\"x\",\"src\":[\"events\",3,42,0]}", Encoding.UTF8.GetString(records.Value(0)));
    }

    [Fact]
    public void A_good_record_costs_no_allocation()
    {
        using var normalizer = new Normalizer();
        var value = "{\"event_type\":\"view\",\"user_id\":\"ada\",\"device_id\":\"d1\",\"time\":1700000000123,\"insert_id\":\"i1\",\"event_properties\":{\"a\": 1},\"user_properties\":{\"plan\":\"pro\"},\"platform\":\"iOS\"}"u8.ToArray();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
                normalizer.Normalize(Producer.Record(value), Producer.WallClock);
        }));
    }

    [Property(MaxTest = 2000)]
    public Property Any_JSON_gives_records_that_can_be_read_or_dead_letters() => Prop.ForAll(
        JsonGenerator.Record().ToArbitrary(),
        json => Check(Producer.Utf8(json)));

    [Property(MaxTest = 1000)]
    public Property Any_damage_to_a_record_gives_records_that_can_be_read_or_dead_letters() => Prop.ForAll(
        JsonGenerator.Damaged().ToArbitrary(),
        Check);

    private static void Check(byte[] value)
    {
        using var normalizer = new Normalizer(recordBytesMax: 2000);
        var records = normalizer.Normalize(Producer.Record(value), Producer.WallClock);
        Assert.True(records.Count > 0);
        var reader = new ActivityReader();
        var key = new byte[600];
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].IsDeadLetter)
            {
                Assert.NotEmpty(records[i].Detail);
                continue;
            }

            Assert.True(reader.TryRead(records.Value(i), out var record, out var error), error);
            using var document = JsonDocument.Parse(records.Value(i).ToArray(), new() { MaxDepth = 72 });
            if (record.Type != ActivityType.Link)
                Assert.True(key.AsSpan(0, ProfileKey.Write(record.UserId, record.DeviceId, key)).SequenceEqual(records.Key(i)));
        }
    }
}
