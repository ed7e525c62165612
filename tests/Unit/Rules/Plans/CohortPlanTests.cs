using System.Text;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Plans;

/// <summary>Change sets: cohorts.md §5 and §7.</summary>
public sealed class CohortPlanTests
{
    private static string Viewers(string id, string where = "did: {event: view, within: 1h}", string more = "") => $"id: {id}\n{more}\nwhere: {{{where}}}\n";

    [Fact]
    public void Says_why_a_change_set_cannot_be_applied()
    {
        var plan = new PartitionScript("id: a\nwhere: { did: { event: view } }", "id: b\nwhere: { in_cohort: a }").Plan;
        Assert.Contains("`b` asks for membership of `a`", plan.WhyNot([new("a", 2, null)]), StringComparison.Ordinal);
        Assert.Contains("`a` → `b` → `a`", plan.WhyNot([new("a", 2, DefinitionParser.Parse("id: a\nwhere: { in_cohort: b }", "a.yaml").Definitions[0])]), StringComparison.Ordinal);
        Assert.Empty(plan.WhyNot([new("b", 2, null), new("a", 2, null)]));
    }

    [Fact]
    public void Equal_behaviors_are_kept_once_whatever_number_of_definitions_use_them()
    {
        var script = new PartitionScript(
            Viewers("a", "did: {event: [view, buy], where: {c: {is: 1}}, within: 1d, count: {at_least: 3}}"),
            Viewers("b", "did: {within: 24h, count: {at_most: 2}, where: {c: 1.0}, event: [buy, view]}"),
            Viewers("c", "did: {event: [view, buy], where: {c: 1}, within: 1d, count: {at_least: 4}}"));
        script.Event("10:00", "view", """{"c":1}""");
        Assert.Equal([[0], [0], [1]], script.Plan.ToSnapshot().Entries.Select(entry => entry.BehaviorSlots.ToArray()));
        Assert.Equal(2, script.Profile.BehaviorCount);
    }

    [Fact]
    public void Slots_are_never_used_again()
    {
        var script = new PartitionScript(Viewers("a"), Viewers("b", "did: {event: buy}"));
        script.Delete("a").Define(Viewers("c", "did: {event: other}")).Define(Viewers("a"));
        Assert.Equal(
            ["a 3 [3]", "b 1 [1]", "c 2 [2]"],
            script.Plan.ToSnapshot().Entries.Select(entry => $"{entry.CohortId} {entry.Slot} [{string.Join(",", entry.BehaviorSlots)}]"));
    }

    [Fact]
    public void A_new_definition_starts_with_empty_behaviors_and_evaluates_every_profile() => Assert.Equal(
        ["enter none 2026-03-01T11:00:00.000Z definition", "enter view-again 2026-03-01T11:01:00.000Z event", "exit none 2026-03-01T11:01:00.000Z event"],
        new PartitionScript()
            .Event("10:00", "view")
            .Watermark("11:00")
            .Define(Viewers("view-again", "did: {event: view}"), Viewers("none", "not: {did: {event: view}}"))
            .Event("11:01", "view")
            .Deltas.Order(StringComparer.Ordinal).OrderBy(delta => delta.Split(' ')[2]));

    [Fact]
    public void A_new_definition_on_a_behavior_that_is_kept_already_has_its_past() => Assert.Equal(
        ["enter b 2026-03-01T10:30:00.000Z definition"],
        new PartitionScript(Viewers("a")).Event("10:00", "view").Watermark("10:30").Define(Viewers("b")).Deltas[1..]);

    [Fact]
    public void A_deletion_exits_every_member_and_forgets_its_behaviors()
    {
        var script = new PartitionScript(Viewers("a"), Viewers("b", "did: {event: buy}")).Event("10:00", "view").Watermark("10:30").Delete("a");
        Assert.Equal(["enter a 2026-03-01T10:00:00.000Z event", "exit a 2026-03-01T10:30:00.000Z definition"], script.Deltas);
        Assert.Equal(2, Assert.Single(script.Last.Changes).Cohort.Version);
        Assert.Equal(0, script.Profile.BehaviorCount);
        Assert.Empty(script.Watermark("12:00").Deltas);
    }

    [Fact]
    public void Exits_of_deleted_cohorts_come_in_their_place_in_the_order_of_ids()
    {
        var script = new PartitionScript(Viewers("a"), Viewers("c"), Viewers("e")).Event("10:00", "view").Watermark("10:30");
        _ = script.Deltas;
        Assert.Equal(
            ["exit a", "enter b", "exit c", "enter d", "exit e"],
            script.Replace(["a", "c", "e"], Viewers("b"), Viewers("d")).Deltas.Select(delta => string.Join(' ', delta.Split(' ')[..2])));
        Assert.Equal([4L, 5L, 6L, 7L, 8L], script.Last.Changes.Select(change => change.Version));
    }

    [Fact]
    public void An_edited_condition_is_evaluated_anew_and_keeps_the_slot()
    {
        var script = new PartitionScript(Viewers("a")).Event("10:00", "view").Watermark("10:30").Define(Viewers("a", "did: {event: buy}"));
        Assert.Equal("exit a 2026-03-01T10:30:00.000Z definition", script.Deltas[^1]);
        Assert.Equal((2, 0), (script.Plan.Cohorts[0].Version, script.Plan.Cohorts[0].Slot));
    }

    [Fact]
    public void Editing_only_name_labels_description_or_exports_moves_nobody()
    {
        var script = new PartitionScript(Viewers("a"))
            .Event("10:00", "view", userProperties: """{"$set":{"city":"Ulm"}}""")
            .Watermark("10:30")
            .Define(Viewers("a", more: "name: Viewers\nlabels: {x: y}\ndescription: d\nexport_properties: [city]"));
        Assert.Equal(["enter a 2026-03-01T10:00:00.000Z event"], script.Deltas);
        Assert.Equal(1, script.Profile.BehaviorCount);
        Assert.Equal("a", Assert.Single(script.Last.Rewrites).Cohort.Definition.Id);
        Assert.Equal(["""exit a 2026-03-01T11:00:00.000Z schedule {"city":"Ulm"}"""], script.Watermark("12:00").Deltas);
        Assert.Equal("Viewers"u8, script.Last.Changes[0].Cohort.Name);
    }

    [Fact]
    public void A_flip_due_at_the_set_s_instant_has_the_reason_definition() => Assert.Equal(
        "exit a 2026-03-01T11:00:00.000Z definition",
        new PartitionScript(Viewers("a")).Event("10:00", "view").Watermark("11:00").Define(Viewers("b", "did: {event: buy}")).Deltas[^1]);

    [Fact]
    public void A_plan_is_restored_from_its_snapshot()
    {
        var script = new PartitionScript(Viewers("a"), Viewers("b", "all: [{did: {event: buy}}, {did: {event: view, within: 1h}}, {not: {did: {event: '*'}}}]"), Viewers("gone", "did: {event: gone}"));
        script.Define(Viewers("a", "did: {event: buy, count: {between: [1, 5]}}"), Viewers("c", "property: {name: plan, is: pro}", "export_properties: [x]")).Delete("gone");
        var restored = CohortPlan.Restore(script.Plan.ToSnapshot());
        Assert.Equal(Text(script.Plan), Text(restored));
        CohortChange[] next = [new("d", 1, Assert.Single(DefinitionParser.Parse(Viewers("d", "any: [{did: {event: view}}, {did: {event: buy}}]"), "f.yaml").Definitions))];
        Assert.Equal(Text(script.Plan.Apply(next)), Text(restored.Apply(next)));
    }

    [Fact]
    public void A_profile_is_moved_under_a_restored_plan_as_under_the_one_that_was_stored()
    {
        var script = new PartitionScript(Viewers("a"), Viewers("b")).Event("10:00", "view").Watermark("10:30");
        _ = script.Deltas;
        script.Restores = true;
        Assert.Equal(
            ["exit a 2026-03-01T10:30:00.000Z definition", "enter c 2026-03-01T10:30:00.000Z definition"],
            script.Replace(["a"], Viewers("c", "not: {did: {event: buy}}")).Deltas);
    }

    [Fact]
    public void Deleting_what_is_not_there_changes_nothing()
    {
        var plan = CohortPlan.Empty.Apply([new("a", 3, null)]);
        Assert.Equal(1, plan.Generation);
        Assert.Empty(plan.Cohorts);
        Assert.Empty(plan.Removed);
    }

    private static string Text(CohortPlan plan)
    {
        var snapshot = plan.ToSnapshot();
        var entries = snapshot.Entries.Select(entry => $"{entry.CohortId} v{entry.Version} #{entry.Slot} [{string.Join(",", entry.BehaviorSlots)}] {entry.Sweep} {Encoding.UTF8.GetString(entry.Definition.Span)}");
        return $"{snapshot.Generation} {snapshot.NextCohortSlot} {snapshot.NextBehaviorSlot}\n{string.Join("\n", entries)}";
    }
}
