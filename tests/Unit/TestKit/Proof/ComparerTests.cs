using System.Text;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Proof;

/// <summary>A proof tool that cannot fail proves nothing: each kind of wrong output is told.</summary>
public sealed class ComparerTests
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<OracleDelta>> Deltas = new ActivityScript()
        .Define(("viewers", 1, """{"id":"viewers","where":{"did":{"event":"view","within":"1h"}}}"""))
        .Event("u:ada", "view", 1_000)
        .Until(9_000_000)
        .Run(new() { RecordClock = true, SourceTopics = ["events"] }).Deltas;

    [Fact]
    public void Equal_deltas_have_no_difference() => Assert.Empty(DeltaComparer.CompareDeltas(Deltas, Deltas));

    [Fact]
    public void A_field_that_differs_is_named()
    {
        var changed = With(delta => delta.Change == "exit" ? delta with { At = delta.At + 1 } : delta);
        Assert.Contains("At should be 3601000 and is 3601001", Assert.Single(DeltaComparer.CompareDeltas(Deltas, changed)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delta_that_is_missing_or_there_twice_is_told()
    {
        Assert.Contains("missing", Assert.Single(DeltaComparer.CompareDeltas(Deltas, Of(Deltas["u:ada"].Take(1)))), StringComparison.Ordinal);
        Assert.Contains("not expected", Assert.Single(DeltaComparer.CompareDeltas(Deltas, Of(Deltas["u:ada"].Append(Deltas["u:ada"][1])))), StringComparison.Ordinal);
    }

    [Fact]
    public void Deltas_of_a_profile_in_another_order_are_told() =>
        Assert.Single(DeltaComparer.CompareDeltas(Deltas, Of(Deltas["u:ada"].Reverse())));

    [Fact]
    public void What_was_published_is_in_activity_or_dead_letters_exactly_once()
    {
        var source = new[] { Source(0), Source(1), Source(2) };
        var dead = Record("dead-letters", 0, "", "x", ("dlq.topic", "events"), ("dlq.partition", "0"), ("dlq.offset", "2"));
        Assert.Empty(ActivityComparer.Compare(source, [[Arrived(0), Arrived(1)]], [dead]));
        Assert.Contains("lost: events/0@1", Assert.Single(ActivityComparer.Compare(source, [[Arrived(0)]], [dead])), StringComparison.Ordinal);
        Assert.Contains("twice: events/0@2", Assert.Single(ActivityComparer.Compare(source, [[Arrived(0), Arrived(1), Arrived(2)]], [dead])), StringComparison.Ordinal);
        Assert.Contains("made up: events/0@7", Assert.Single(ActivityComparer.Compare(source, [[Arrived(0), Arrived(1), Arrived(7)]], [dead])), StringComparison.Ordinal);
        Assert.Contains("out of order for u:ada", Assert.Single(ActivityComparer.Compare(source, [[Arrived(1), Arrived(0)]], [dead])), StringComparison.Ordinal);
        Assert.Contains("several partitions", Assert.Single(ActivityComparer.Compare(source, [[Arrived(0)], [Arrived(1) with { Partition = 1 }]], [dead])), StringComparison.Ordinal);
    }

    /// <summary>One call in each shape, and what it says in <c>activity</c>.</summary>
    [Theory]
    [InlineData("""{"event":"view","user_id":"ada","time":1000,"insert_id":"i","properties":{"b":1,"a":2}}""", """{"type":"event","event":"view","user_id":"ada","time":1000,"insert_id":"i","properties":{"a":2,"b":1}}""")]
    [InlineData("""{"event_type":"view","user_id":"ada","device_id":"d","event_properties":{"a":2}}""", """{"type":"event","event":"view","user_id":"ada","device_id":"d","properties":{"a":2}}""")]
    [InlineData("""{"events":[{"event_type":"view","user_id":"ada"}]}""", """{"type":"event","event":"view","user_id":"ada"}""")]
    [InlineData("""{"type":"track","event":"view","userId":"ada","timestamp":"1970-01-01T00:00:01Z","messageId":"i","properties":{}}""", """{"type":"event","event":"view","user_id":"ada","time":1000,"insert_id":"i","properties":{}}""")]
    [InlineData("""{"type":"identify","userId":"ada","traits":{"plan":"pro"}}""", """{"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro"}}}""")]
    [InlineData("""{"event_type":"$identify","user_id":"ada","user_properties":{"$add":{"visits":1}}}""", """{"type":"identify","user_id":"ada","user_properties":{"$add":{"visits":1}}}""")]
    [InlineData("""{"identify":{"plan":"pro"},"user_id":"ada"}""", """{"type":"identify","user_id":"ada","user_properties":{"$set":{"plan":"pro"}}}""")]
    public void What_was_published_says_the_same_in_activity(string published, string arrived)
    {
        Assert.Empty(Compare(arrived));
        foreach (var changed in (string[])[arrived.Replace("ada", "bob", StringComparison.Ordinal), arrived.Replace("view", "look", StringComparison.Ordinal), arrived.Replace("1000", "1001", StringComparison.Ordinal), arrived.Replace("pro\"", "free\"", StringComparison.Ordinal), arrived.Replace("\"a\":2", "\"a\":3", StringComparison.Ordinal), arrived.Replace(":1}", ":2}", StringComparison.Ordinal)])
        {
            if (changed != arrived)
                Assert.StartsWith("changed: events/0@0", Assert.Single(Compare(changed)), StringComparison.Ordinal);
        }

        IReadOnlyList<string> Compare(string activity) =>
            ActivityComparer.Compare([Record("events", 0, "ada", published)], [[Record("activity", 0, "u:ada", activity[..^1] + ""","src":["events",0,0,0]}""")]], []);
    }

    private static Dictionary<string, IReadOnlyList<OracleDelta>> With(Func<OracleDelta, OracleDelta> change) => Of(Deltas["u:ada"].Select(change));

    private static Dictionary<string, IReadOnlyList<OracleDelta>> Of(IEnumerable<OracleDelta> deltas) => new() { ["u:ada"] = [.. deltas] };

    private static DumpedRecord Source(long offset) => Record("events", offset, "ada", "{}");

    private static DumpedRecord Arrived(long sourceOffset) => Record("activity", sourceOffset, "u:ada", $$"""{"type":"event","src":["events",0,{{sourceOffset}},0]}""");

    private static DumpedRecord Record(string topic, long offset, string key, string value, params (string Name, string Value)[] headers) => new(
        topic,
        Partition: 0,
        offset,
        Encoding.UTF8.GetBytes(key),
        Encoding.UTF8.GetBytes(value),
        Timestamp: 0,
        [.. headers.Select(header => (header.Name, Encoding.UTF8.GetBytes(header.Value)))]);
}
