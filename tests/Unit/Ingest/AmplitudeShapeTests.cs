using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class AmplitudeShapeTests
{
    [Theory]
    [InlineData(
        """{"event_type":"view","user_id":"ada","device_id":"d1","time":1700000000123,"insert_id":"i1","event_properties":{"a":1},"user_properties":{"plan":"pro"},"groups":{"org":"x"},"platform":"iOS","session_id":1}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","device_id":"d1","time":1700000000123,"insert_id":"i1","user_properties":{"$set":{"plan":"pro"}},"properties":{"a":1},"context":{"groups":{"org":"x"},"platform":"iOS","session_id":1}}""")]
    [InlineData(
        """{"event_type":"view","user_id":"ada","event_time":"2026-03-01 10:00:00.123456","$insert_id":"i2"}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","time":1772359200123,"insert_id":"i2"}""")]
    [InlineData(
        """{"event_type":"view","user_id":"ada","time":1700000000123,"event_time":"nonsense that is not looked at"}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","time":1700000000123}""")]
    [InlineData("""{"event_type":"view","event":"plain","device_id":"d1","user":"not looked at"}""", """d:d1 {"type":"event","event":"view","device_id":"d1","context":{"event":"plain","user":"not looked at"}}""")]
    [InlineData("""{"event_type":"view","user_id":"ada","user_properties":null}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData(
        """{"event_type":"view","user_id":"ada","user_properties":{"$add":{"n":1}}}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","user_properties":{"$add":{"n":1}}}""")]
    public void An_event(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("""{"event_type":"$identify","user_id":"ada","user_properties":{"$set":{"plan":"pro"}},"platform":"iOS"}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro"}}}""")]
    [InlineData("""{"user_id":"ada","user_properties":{"plan":"pro"}}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro"}}}""")]
    [InlineData("""{"event_type":null,"device_id":"d1","user_properties":{"plan":"pro"},"time":1700000000,"insert_id":"i"}""", """d:d1 {"type":"identify","device_id":"d1","time":1700000000000,"insert_id":"i","user_properties":{"$set":{"plan":"pro"}}}""")]
    [InlineData("""{"event_type":"$identify","user_id":"ada"}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{}}""")]
    public void An_identify_call(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Fact]
    public void A_batch_is_each_of_its_entries_in_order_and_a_bad_one_is_a_dead_letter_alone() => Assert.Equal(
        [
            """u:ada {"type":"event","event":"a","user_id":"ada"}""",
            """!no_identity { "event_type" : "b" }""",
            "!unknown_shape 7",
            """u:bob {"type":"identify","user_id":"bob","user_properties":{"$set":{"x":1}}}""",
            """u:eve {"type":"event","event":"c","user_id":"eve"}""",
        ],
        Producer.Outcome("""{"api_key":"k","options":{},"events":[{"event_type":"a","user_id":"ada"}, { "event_type" : "b" } ,7,{"event_type":"$identify","user_id":"bob","user_properties":{"x":1}},{"event":"c","user":"eve"}]}"""));

    [Fact]
    public void A_batch_of_identify_calls() => Assert.Equal(
        ["""u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"x":1}}}"""],
        Producer.Outcome("""{"api_key":"k","identification":[{"user_id":"ada","user_properties":{"x":1}}]}"""));

    [Fact]
    public void An_entry_is_no_batch_again() => Assert.Equal(
        ["""!unknown_shape {"events":[{"event_type":"a","user_id":"ada"}]}"""],
        Producer.Outcome("""{"events":[{"events":[{"event_type":"a","user_id":"ada"}]}]}"""));
}
