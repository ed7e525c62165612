using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>What a step gives besides its deltas: cohorts.md §4 to §6.</summary>
public sealed class StepTests
{
    [Fact]
    public void A_record_with_both_sets_the_properties_first_and_is_evaluated_once() => Assert.Equal(
        ["enter both 2026-03-01T10:00:00.000Z event"],
        new PartitionScript("""
            id: both
            where: { all: [ { did: { event: view } }, { property: { name: plan, is: pro } } ] }
            """).Event("10:00", "view", userProperties: """{"$set":{"plan":"pro"}}""").Deltas);

    [Fact]
    public void Identify_calls_move_memberships_at_once() => Assert.Equal(
        ["enter pro 2026-03-01T10:00:00.000Z identify", "exit pro 2026-03-01T10:01:00.000Z identify"],
        new PartitionScript("""
            id: pro
            where: { property: { name: plan, is: pro } }
            """).Identify("10:00", """{"$set":{"plan":"pro"}}""").Identify("10:01", """{"$unset":{"plan":"-"}}""").Deltas);

    [Fact]
    public void Not_at_the_top_ranges_over_profiles_with_at_least_one_record() => Assert.Equal(
        ["enter never 2026-03-01T10:00:00.000Z event", "exit never 2026-03-01T10:01:00.000Z event"],
        new PartitionScript("""
            id: never
            where: { not: { did: { event: view } } }
            """).Event("10:00", "other").Event("10:01", "view").Deltas);

    [Fact]
    public void Changes_of_one_instant_come_in_ordinal_order_of_cohort_ids_with_rising_versions()
    {
        var script = new PartitionScript("""
            id: b
            where: { did: { event: view } }
            ---
            id: a-1
            where: { did: { event: view } }
            ---
            id: a_1
            where: { did: { event: view } }
            ---
            id: a
            where: { did: { event: view } }
            """).Event("10:00", "view");
        Assert.Equal(["a", "a-1", "a_1", "b"], script.Last.Changes.Select(change => change.Cohort.Definition.Id));
        Assert.Equal([1L, 2L, 3L, 4L], script.Last.Changes.Select(change => change.Version));
    }

    [Fact]
    public void Computed_at_is_the_instant_in_whole_seconds_or_one_more_than_the_last()
    {
        var script = new PartitionScript("""
            id: once
            where: { did: { event: view, count: { exactly: 1 } } }
            """);
        var seconds = PartitionScript.Instant("10:00") / 1000;
        Assert.Equal(seconds, script.Event("10:00:00.900", "view").Last.ComputedAt);
        Assert.Equal(seconds + 1, script.Event("10:00:00.950", "view").Last.ComputedAt);
        Assert.Equal(seconds + 1, script.Profile.ComputedAt);
        script.Event("10:00:01.100", "view");
        Assert.Empty(script.Last.Changes);
        Assert.Equal(seconds + 1, script.Profile.ComputedAt);
    }

    /// <summary>A first delta has none before it to be later than, whenever it is.</summary>
    [Fact]
    public void Computed_at_of_a_first_delta_is_its_instant_before_1970_too()
    {
        var script = new PartitionScript("""
            id: once
            where: { did: { event: view } }
            """);
        Assert.Equal(-315_619_200, script.Event("1960-01-01T00:00:00Z", "view").Last.ComputedAt);
    }

    [Fact]
    public void Exit_says_when_the_membership_began()
    {
        var script = new PartitionScript("""
            id: recent
            where: { did: { event: view, within: 1h } }
            """).Event("10:00", "view").Watermark("12:00");
        var change = Assert.Single(script.Last.Changes);
        Assert.Equal(PartitionScript.Instant("10:00"), change.EnteredAt);
        Assert.Equal(PartitionScript.Instant("11:00"), script.Last.At);
    }

    [Fact]
    public void Deltas_carry_the_exported_properties_that_the_profile_has() => Assert.Equal(
        ["""enter all 2026-03-01T10:00:00.000Z event {"city":"Ulm","plan":"pro","age":3}""", """enter some 2026-03-01T10:00:00.000Z event {"plan":"pro","city":"Ulm"}"""],
        new PartitionScript("""
            id: some
            export_properties: [plan, gone, city]
            where: { did: { event: view } }
            ---
            id: all
            export_properties: ["*"]
            where: { did: { event: view } }
            """).Identify("09:00", """{"$set":{"city":"Ulm","plan":"pro","age":3}}""").Event("10:00", "view").Deltas);

    [Fact]
    public void A_members_row_is_written_again_when_an_exported_property_changes()
    {
        var script = new PartitionScript("""
            id: viewers
            export_properties: [city]
            where: { did: { event: view } }
            """).Event("10:00", "view");
        Assert.Empty(script.Last.Rewrites);
        var rewrite = Assert.Single(script.Identify("10:01", """{"$set":{"city":"Ulm"}}""").Last.Rewrites);
        Assert.Equal((PartitionScript.Instant("10:00"), 1L, PartitionScript.Instant("10:00") / 1000), (rewrite.Membership.At, rewrite.Membership.Version, rewrite.Membership.ComputedAt));
        Assert.Empty(script.Identify("10:02", """{"$set":{"age":3}}""").Last.Rewrites);
        Assert.Empty(script.Identify("10:03", """{"$set":{"city":"Ulm"}}""").Last.Rewrites);
    }

    [Fact]
    public void The_device_id_of_a_user_is_that_of_the_last_record_that_carried_one()
    {
        var script = new PartitionScript().Event("10:00", "view", device: "d1").Event("10:01", "view", device: "d2").Event("10:02", "view");
        Assert.Equal("d2", Encoding.UTF8.GetString(script.Profile.DeviceId));
        Assert.Equal("ada", Encoding.UTF8.GetString(script.Profile.UserId));
    }

    [Fact]
    public void Refuses_a_record_while_a_timer_is_due()
    {
        var script = new PartitionScript("""
            id: recent
            where: { did: { event: view, within: 1h } }
            """).Event("10:00", "view");
        var error = Assert.Throws<InvalidOperationException>(() =>
            new Stepper().Apply(script.Plan, script.Profile, new ActivityRecord { Type = ActivityType.Event, Event = "view"u8 }, PartitionScript.Instant("12:00"), new Transition()));
        Assert.Contains("timer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_profile_is_as_a_new_one()
    {
        const string Definition = """
            id: recent
            where: { did: { event: view, within: 1h } }
            """;
        var script = new PartitionScript(Definition).Event("10:00", "view", insertId: "1", device: "d").Identify("10:01", """{"$set":{"a":1}}""", "2");
        script.Profile.Reset();
        Assert.False(script.Profile.Exists);
        Assert.Equal(0, script.Profile.BehaviorCount + script.Profile.Memberships.Length + script.Profile.Properties.Count + script.Profile.IdentifyHashes.Length + script.Profile.DeviceId.Length);
        Assert.Equal(Profile.NoTimer, script.Profile.NextTimer);
    }
}
