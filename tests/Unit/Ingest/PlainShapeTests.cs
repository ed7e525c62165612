using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class PlainShapeTests
{
    [Theory]
    [InlineData(
        """{"event":"view","user_id":"ada","device_id":"d1","time":"2026-03-01T10:00:00Z","insert_id":"i1","properties":{"a":1}}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","device_id":"d1","time":1772359200000,"insert_id":"i1","properties":{"a":1}}""")]
    [InlineData("""{"event":"view","user":"ada"}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData("""{"event":"view","user_id":"null","user":"ada"}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData("""{"event":"view","user_id":"bob","user":"ada"}""", """u:bob {"type":"event","event":"view","user_id":"bob"}""")]
    [InlineData("""{"event":"view","device_id":"d1"}""", """d:d1 {"type":"event","event":"view","device_id":"d1"}""")]
    [InlineData("""{"event":"view","user_id":null,"device_id":"d1"}""", """d:d1 {"type":"event","event":"view","device_id":"d1"}""")]
    [InlineData("""{"event":"view","user_id":541312140}""", """u:541312140 {"type":"event","event":"view","user_id":"541312140"}""")]
    [InlineData("""{"event":"view","user_id":"ada","insert_id":7}""", """u:ada {"type":"event","event":"view","user_id":"ada","insert_id":"7"}""")]
    [InlineData("""{"event":"view","user_id":"ada","insert_id":"","time":null,"properties":null}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData("""{"event":"view","user_id":"ada","insert_id":{"a":1}}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData("""{"event":"view","user_id":"ada","platform":"web","page":{"url":"/"},"type":"x"}""", """u:ada {"type":"event","event":"view","user_id":"ada","context":{"platform":"web","page":{"url":"/"},"type":"x"}}""")]
    [InlineData("""{"\u0065vent":"vi\u0065w","user_id":"\ud83d\ude00 a\n"}""", """u:😀 a {"type":"event","event":"view","user_id":"\uD83D\uDE00 a"}""")]
    [InlineData("""{"event":"view","event":"look","user_id":"ada"}""", """u:ada {"type":"event","event":"look","user_id":"ada"}""")]
    public void An_event(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Fact]
    public void White_space_between_tokens_goes_and_values_stay_as_they_were_written() => Assert.Equal(
        ["""u:ada {"type":"event","event":"view","user_id":"ada","properties":{"a b":[1.50,1e3," x \" y "],"n":{}},"context":{"os name":"Mac OS"}}"""],
        Producer.Outcome("""
            { "event" : "view", "user_id" : "ada",
              "properties" : { "a b" : [ 1.50, 1e3 , " x \" y " ], "n" : { } },
              "os name" : "Mac OS" }
            """));

    [Theory]
    [InlineData("""{"identify":{"plan":"pro"},"user_id":"ada","time":1700000000,"insert_id":"i1","ignored":1}""", """u:ada {"type":"identify","user_id":"ada","time":1700000000000,"insert_id":"i1","user_properties":{"$set":{"plan":"pro"}}}""")]
    [InlineData("""{"identify":{"$email":"a@b"},"user":"ada"}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"$email":"a@b"}}}""")]
    [InlineData("""{"identify":{},"device_id":"d1"}""", """d:d1 {"type":"identify","device_id":"d1","user_properties":{}}""")]
    public void An_identify_call(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("\uFEFF{\"event\":\"view\",\"user_id\":\"ada\"}")]
    [InlineData(" \r\n\t\uFEFF \uFEFF {\"event\":\"view\",\"user_id\":\"ada\"} \r\n\uFEFF")]
    public void Byte_order_marks_and_white_space_around_a_record_are_accepted(string value) =>
        Assert.Equal(["""u:ada {"type":"event","event":"view","user_id":"ada"}"""], Producer.Outcome(value));
}
