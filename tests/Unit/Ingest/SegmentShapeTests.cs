using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class SegmentShapeTests
{
    [Theory]
    [InlineData(
        """{"type":"track","event":"view","userId":"ada","anonymousId":"a1","timestamp":"2026-03-01T10:00:00.000Z","originalTimestamp":"x","messageId":"m1","properties":{"a":1},"context":{"ip":"::1"}}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","device_id":"a1","time":1772359200000,"insert_id":"m1","properties":{"a":1},"context":{"ip":"::1"}}""")]
    [InlineData("""{"type":"track","event":"view","anonymousId":"a1","originalTimestamp":"2026-03-01T10:00:00.000Z"}""", """d:a1 {"type":"event","event":"view","device_id":"a1","time":1772359200000}""")]
    [InlineData(
        """{"type":"track","event":"view","userId":"ada","context":{"ip":"::1","traits":{"plan":"pro"}}}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","user_properties":{"$set":{"plan":"pro"}},"context":{"ip":"::1","traits":{"plan":"pro"}}}""")]
    [InlineData(
        """{"type":"track","event":"view","userId":"ada","channel":"web","ip":"1","context":{"ip":"::1"},"integrations":{"All":true}}""",
        """u:ada {"type":"event","event":"view","user_id":"ada","context":{"ip":"::1","channel":"web","integrations":{"All":true}}}""")]
    [InlineData("""{"type":"track","event":"view","userId":"ada","context":{ }}""", """u:ada {"type":"event","event":"view","user_id":"ada"}""")]
    public void A_track_call(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("""{"type":"page","userId":"ada","name":"Home","properties":{"url":"/"}}""", """u:ada {"type":"event","event":"page","user_id":"ada","properties":{"name":"Home","url":"/"}}""")]
    [InlineData("""{"type":"screen","userId":"ada","name":"Home"}""", """u:ada {"type":"event","event":"screen","user_id":"ada","properties":{"name":"Home"}}""")]
    [InlineData("""{"type":"page","userId":"ada","name":"Home","properties":{"url":"/", "name" : "other"}}""", """u:ada {"type":"event","event":"page","user_id":"ada","properties":{"name":"Home","url":"/"}}""")]
    [InlineData("""{"type":"page","userId":"ada","properties":{"name":"Home"},"category":"c"}""", """u:ada {"type":"event","event":"page","user_id":"ada","properties":{"name":"Home"},"context":{"category":"c"}}""")]
    public void A_page_or_screen_call_is_an_event_with_its_name_as_a_property(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("""{"type":"identify","userId":"ada","traits":{"plan":"pro","$email":"a@b"},"context":{"ip":"::1"}}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro","$email":"a@b"}}}""")]
    [InlineData("""{"type":"identify","userId":"ada"}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{}}""")]
    [InlineData("""{"type":"identify","userId":"ada","traits":{"$add":{"n":2}}}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$add":{"n":2}}}""")]
    public void An_identify_call(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("""{"type":"group","userId":"ada","groupId":"g1","traits":{"name":"Acme"}}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"group_id":"g1","group":{"name":"Acme"}}}}""")]
    [InlineData("""{"type":"group","userId":"ada","groupId":7,"context":{"traits":{"plan":"pro"}}}""", """u:ada {"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro","group_id":7}}}""")]
    public void A_group_call_sets_profile_properties(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));

    [Theory]
    [InlineData("""{"type":"alias","previousId":"old","userId":"new"}""", """u:old {"type":"link","user_id":"new"}""")]
    [InlineData("""{"type":"alias","previousId":"a1","anonymousId":"a1","userId":"new"}""", """d:a1 {"type":"link","device_id":"a1","user_id":"new"}""")]
    [InlineData("""{"type":"alias","userId":"new"}""", "!no_identity")]
    [InlineData("""{"type":"alias","previousId":"old","anonymousId":"a1"}""", "!no_identity")]
    [InlineData("""{"type":"alias","previousId":"same","userId":"same"}""", "!redirect_cycle")]
    public void An_alias_call_links_the_profile_that_moves(string value, string expected) => Assert.Equal([expected], Producer.Outcome(value));
}
