using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>Every reason that ingest can give, and what stands just on the other side of it.</summary>
public class DeadLetterReasonTests
{
    [Theory]
    [InlineData("not_json", "hello")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\"")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\"} {}")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\",}")]
    [InlineData("not_json", "7 8")]
    [InlineData("not_json", "{'event':1}")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\",\"properties\":{\"a\":\"\\ud83d\"}}")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\",\"properties\":{\"\\ude00\":1}}")]
    [InlineData("not_json", "{\"event\":\"view\",\"user_id\":\"ada\",\"properties\":{\"a\":\"\\ud83d\\ud83d\\ude00\"}}")]
    [InlineData("empty", "")]
    [InlineData("empty", " \r\n\uFEFF ")]
    [InlineData("empty", "{\"events\":[]}")]
    [InlineData("unknown_shape", "[]")]
    [InlineData("unknown_shape", "7")]
    [InlineData("unknown_shape", "{}")]
    [InlineData("unknown_shape", "{\"event\":\"view\"}")]
    [InlineData("unknown_shape", "{\"event\":7,\"user_id\":\"ada\"}")]
    [InlineData("unknown_shape", "{\"identify\":[],\"user_id\":\"ada\"}")]
    [InlineData("unknown_shape", "{\"type\":\"track\",\"event\":\"view\"}")]
    [InlineData("unknown_shape", "{\"type\":\"other\",\"userId\":\"ada\",\"event\":\"view\"}")]
    [InlineData("no_identity", "{\"event\":\"view\",\"user_id\":null}")]
    [InlineData("no_identity", "{\"event_type\":\"view\"}")]
    [InlineData("no_identity", "{\"event_type\":\"view\",\"user_id\":{},\"device_id\":1.5}")]
    [InlineData("no_identity", "{\"type\":\"track\",\"event\":\"view\",\"userId\":\"\"}")]
    [InlineData("no_event_type", "{\"event\":\"\",\"user_id\":\"ada\"}")]
    [InlineData("no_event_type", "{\"event_type\":\"\",\"user_id\":\"ada\"}")]
    [InlineData("no_event_type", "{\"type\":\"track\",\"userId\":\"ada\"}")]
    [InlineData("no_event_type", "{\"type\":\"track\",\"event\":7,\"userId\":\"ada\"}")]
    [InlineData("bad_time", "{\"event\":\"view\",\"user_id\":\"ada\",\"time\":\"yesterday\"}")]
    [InlineData("bad_time", "{\"event\":\"view\",\"user_id\":\"ada\",\"time\":true}")]
    [InlineData("bad_time", "{\"event\":\"view\",\"user_id\":\"ada\",\"time\":1e30}")]
    [InlineData("bad_time", "{\"identify\":{},\"user_id\":\"ada\",\"time\":[]}")]
    [InlineData("bad_time", "{\"type\":\"track\",\"event\":\"view\",\"userId\":\"ada\",\"timestamp\":\"x\"}")]
    [InlineData("bad_properties", "{\"event\":\"view\",\"user_id\":\"ada\",\"properties\":[]}")]
    [InlineData("bad_properties", "{\"event_type\":\"view\",\"user_id\":\"ada\",\"event_properties\":\"x\"}")]
    [InlineData("bad_properties", "{\"event_type\":\"view\",\"user_id\":\"ada\",\"user_properties\":7}")]
    [InlineData("bad_properties", "{\"type\":\"identify\",\"userId\":\"ada\",\"traits\":[]}")]
    [InlineData("bad_properties", "{\"type\":\"group\",\"userId\":\"ada\",\"traits\":[]}")]
    [InlineData("bad_properties", "{\"type\":\"track\",\"event\":\"view\",\"userId\":\"ada\",\"context\":7}")]
    [InlineData("bad_properties", "{\"type\":\"track\",\"event\":\"view\",\"userId\":\"ada\",\"context\":{\"traits\":7}}")]
    [InlineData("unknown_operation", "{\"user_properties\":{\"$nope\":1},\"user_id\":\"ada\"}")]
    [InlineData("bad_operand", "{\"user_properties\":{\"$add\":{\"a\":\"b\"}},\"user_id\":\"ada\"}")]
    [InlineData("mixed_identify", "{\"user_properties\":{\"$set\":{},\"a\":1},\"user_id\":\"ada\"}")]
    public void A_bad_record(string reason, string value) => Assert.Equal(["!" + reason], Producer.Outcome(value));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_not_json() =>
        Assert.Equal(["!not_json"], Producer.Outcome([.. "{\"event\":\""u8, 0xC3, 0x28, .. "\",\"user_id\":\"ada\"}"u8]));

    [Theory]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("undefined")]
    [InlineData("Anonymous")]
    [InlineData("unknown")]
    [InlineData("none")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("LMY47D")]
    [InlineData(" none\t")]
    [InlineData("\u00a0\u2003")]
    public void A_text_that_stands_for_nobody_is_no_identity(string id) =>
        Assert.Equal(["!no_identity"], Producer.Outcome($$"""{"event":"view","user_id":"{{id.Replace("\t", "\\t", StringComparison.Ordinal)}}"}"""));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public void A_number_that_stands_for_nobody_is_no_identity(string id) =>
        Assert.Equal(["!no_identity"], Producer.Outcome($$"""{"event":"view","user_id":{{id}}}"""));

    [Fact]
    public void An_id_has_at_most_512_bytes_after_trimming()
    {
        var longest = new string('ä', 256);
        Assert.StartsWith("u:" + longest + " ", Assert.Single(Producer.Outcome($$"""{"event":"e","user_id":"\u00a0 {{longest}} "}""")), StringComparison.Ordinal);
        Assert.Equal(["!id_too_long"], Producer.Outcome($$"""{"event":"e","user_id":"{{longest}}a"}"""));
        Assert.Equal(["!id_too_long"], Producer.Outcome($$"""{"event":"e","user_id":"ada","device_id":"{{longest}}a"}"""));
        Assert.Equal(["!id_too_long"], Producer.Outcome($$"""{"type":"alias","userId":"ada","previousId":"{{longest}}a"}"""));
    }

    [Fact]
    public void A_user_id_that_is_too_long_gives_way_to_a_valid_second_one() =>
        Assert.StartsWith("u:ada ", Assert.Single(Producer.Outcome($$"""{"event":"e","user_id":"{{new string('x', 513)}}","user":"ada"}""")), StringComparison.Ordinal);

    [Fact]
    public void An_event_type_has_at_most_1024_bytes()
    {
        Assert.StartsWith("u:ada ", Assert.Single(Producer.Outcome($$"""{"event":"{{new string('e', 1024)}}","user_id":"ada"}""")), StringComparison.Ordinal);
        Assert.Equal(["!no_event_type"], Producer.Outcome($$"""{"event":"{{new string('e', 1025)}}","user_id":"ada"}"""));
    }

    [Fact]
    public void A_record_is_nested_64_deep_at_most()
    {
        Assert.StartsWith("u:ada ", Assert.Single(Producer.Outcome(Nested(62))), StringComparison.Ordinal);
        Assert.Equal(["!too_deep"], Producer.Outcome(Nested(63)));
        Assert.Equal(["!too_deep"], Producer.Outcome(Nested(5000)));
        Assert.Equal(["!not_json"], Producer.Outcome(Nested(63) + "}"));

        static string Nested(int depth) => $$$"""{"event":"e","user_id":"ada","properties":{"a":{{{new string('[', depth)}}}{{{new string(']', depth)}}}}}""";
    }

    [Fact]
    public void A_group_call_nested_as_deep_as_is_allowed_can_still_be_read()
    {
        var value = $$$"""{"type":"group","userId":"ada","traits":{"a":{{{new string('[', 62)}}}{{{new string(']', 62)}}}}}""";
        using var normalizer = new Normalizer();
        var records = normalizer.Normalize(Producer.Record(Producer.Utf8(value)), Producer.WallClock);
        Assert.True(new ActivityReader().TryRead(records.Value(0), out _, out var error), error);
    }

    [Fact]
    public void A_normalized_record_over_the_limit_is_too_large()
    {
        using var normalizer = new Normalizer(recordBytesMax: 200);
        Assert.False(Reason(normalizer, 50).HasValue);
        Assert.Equal(DeadLetterReason.TooLarge, Reason(normalizer, 200));

        static DeadLetterReason? Reason(Normalizer normalizer, int length)
        {
            var records = normalizer.Normalize(Producer.Record(Producer.Utf8($$$"""{"event":"e","user_id":"ada","properties":{"a":"{{{new string('x', length)}}}"}}""")), Producer.WallClock);
            Assert.Equal(1, records.Count);
            return records[0].IsDeadLetter ? records[0].Reason : null;
        }
    }

    [Fact]
    public void An_entry_over_the_limit_is_a_dead_letter_alone()
    {
        using var normalizer = new Normalizer(recordBytesMax: 200);
        var big = $$$"""{"event_type":"big","user_id":"ada","event_properties":{"a":"{{{new string('x', 200)}}}"}}""";
        var records = normalizer.Normalize(Producer.Record(Producer.Utf8($$"""{"events":[{{big}},{"event_type":"small","user_id":"ada"}]}""")), Producer.WallClock);
        Assert.Equal(2, records.Count);
        Assert.Equal(DeadLetterReason.TooLarge, records[0].Reason);
        Assert.Equal(big, Encoding.UTF8.GetString(records.Value(0)));
        Assert.Equal(1, records[1].Entry);
        Assert.Contains("\"src\":[\"events\",3,42,1]", Encoding.UTF8.GetString(records.Value(1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ce_specversion", "1.0")]
    [InlineData("content-type", "application/cloudevents+json; charset=utf-8")]
    public void A_record_with_headers_of_CloudEvents_is_of_no_shape_that_is_read(string name, string value) =>
        Assert.Equal(["!unknown_shape"], Producer.Outcome("""{"event":"e","user_id":"ada"}""", (name, value)));
}
