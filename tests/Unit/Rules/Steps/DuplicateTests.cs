using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Duplicates: cohorts.md §5.</summary>
public sealed class DuplicateTests
{
    private static PartitionScript Twice => new("""
        id: twice
        where: { did: { event: [view, buy], count: { at_least: 2 }, within: 1h } }
        """);

    [Fact]
    public void The_same_type_insert_id_and_time_is_a_duplicate() =>
        Assert.Empty(Twice.Event("10:00", "view", time: "10:00", insertId: "a").Event("10:05", "view", time: "10:00", insertId: "a").Deltas);

    [Fact]
    public void Another_time_of_its_own_is_another_event() =>
        Assert.Single(Twice.Event("10:00", "view", time: "10:00", insertId: "a").Event("10:05", "view", time: "10:01", insertId: "a").Deltas);

    [Fact]
    public void Another_type_is_another_event() =>
        Assert.Single(Twice.Event("10:00", "view", time: "10:00", insertId: "a").Event("10:05", "buy", time: "10:00", insertId: "a").Deltas);

    [Fact]
    public void Without_a_payload_time_type_and_insert_id_decide_alone() =>
        Assert.Empty(Twice.Event("10:00", "view", insertId: "a").Event("10:05", "view", insertId: "a").Deltas);

    [Fact]
    public void Events_without_an_insert_id_are_never_duplicates() =>
        Assert.Single(Twice.Event("10:00", "view", time: "10:00").Event("10:00", "view", time: "10:00").Deltas);

    [Fact]
    public void What_the_window_slid_past_is_not_remembered() =>
        Assert.Single(Twice.Event("10:00", "view", insertId: "a").Event("11:00", "view", insertId: "a").Event("11:01", "view").Deltas);

    [Fact]
    public void An_identify_call_with_an_insert_id_is_applied_once()
    {
        var script = Twice.Identify("10:00", """{"$add":{"n":1}}""", "a").Identify("10:01", """{"$add":{"n":1}}""", "a").Identify("10:02", """{"$add":{"n":1}}""", "b").Identify("10:03", """{"$add":{"n":1}}""").Identify("10:04", """{"$add":{"n":1}}""");
        Assert.Equal("4"u8, script.Profile.Properties.ValueAt(0));
    }

    [Fact]
    public void The_last_16_identify_calls_are_remembered()
    {
        var script = Twice;
        for (var i = 0; i < 17; i++)
            script.Identify("10:00", """{"$add":{"n":1}}""", $"call {i}");
        script.Identify("10:00", """{"$add":{"n":1}}""", "call 1");
        Assert.Equal("17"u8, script.Profile.Properties.ValueAt(0));
        script.Identify("10:00", """{"$add":{"n":1}}""", "call 0");
        Assert.Equal("18"u8, script.Profile.Properties.ValueAt(0));
    }
}
