using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Control;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

public sealed class ChangeSetPlannerTests
{
    private static readonly PipelineTopics Topics = new("shop", 3, null);

    private readonly ChangeSetPlanner _planner = new(Topics);
    private readonly TopicRows _rows = new();

    [Fact]
    public void Writes_a_row_each_and_a_marker_each_in_every_partition()
    {
        var draft = Apply(Looked("a"), Looked("b"));

        Assert.Equal(["a", "b"], draft.Appends.Where(append => append.Topic == "shop.cohort-definitions").Select(KeyOf));
        var markers = draft.Appends.Where(append => append.Topic == "shop.activity").ToArray();
        Assert.Equal([0, 0, 1, 1, 2, 2], markers.Select(marker => marker.Partition));
        var reader = new ActivityReader();
        Assert.True(reader.TryRead(markers[1].Value, out var marker, out var error), error);
        Assert.Equal(ActivityType.Definition, marker.Type);
        Assert.Equal("b", Encoding.UTF8.GetString(marker.CohortId));
        Assert.Equal((2, 2, 1), (marker.Part, marker.Parts, marker.Version));
        Assert.Equal("change-1", Encoding.UTF8.GetString(marker.Change));
        Assert.True(DefinitionParser.Parse(marker.Definition, "marker").IsAccepted);
    }

    [Fact]
    public void The_same_content_again_changes_nothing()
    {
        Keep(Apply(Looked("a")));
        var draft = Apply("{\"where\": {\"did\": {\"event\": \"looked\"}}, \"id\": \"a\"}");

        Assert.Empty(draft.Appends);
        Assert.Null(draft.Answer.Change);
        Assert.Equal(new CohortChange("a", 1, CohortChangeKind.Unchanged), Assert.Single(draft.Answer.Cohorts));
    }

    [Fact]
    public void A_change_gets_the_next_version_and_leaves_unchanged_ones_out_of_the_set()
    {
        Keep(Apply(Looked("a"), Looked("b")));
        var draft = Apply(Looked("a"), Looked("b", "bought"));

        Assert.Equal([new("a", 1, CohortChangeKind.Unchanged), new("b", 2, CohortChangeKind.Changed)], draft.Answer.Cohorts);
        Assert.Equal(1 + Topics.PartitionCount, draft.Appends.Count);
    }

    [Fact]
    public void Versions_never_go_back_over_a_deletion()
    {
        Keep(Apply(Looked("a")));
        var deletion = _planner.Delete(_rows, "a", "change-2").Value;
        Keep(deletion);

        Assert.Equal("{\"version\":2,\"deleted\":true}", Encoding.UTF8.GetString(deletion.Appends[0].Value!));
        Assert.Equal(ControlErrorKind.NotFound, _planner.Delete(_rows, "a", "change-3").Error!.Kind);
        Assert.Equal(new CohortChange("a", 3, CohortChangeKind.Created), Assert.Single(Apply(Looked("a")).Answer.Cohorts));
    }

    [Fact]
    public void A_deletion_is_marked_without_a_definition()
    {
        Keep(Apply(Looked("a")));
        var marker = _planner.Delete(_rows, "a", "change-2").Value.Appends[1];
        Assert.Equal("{\"type\":\"definition\",\"change\":\"change-2\",\"part\":1,\"parts\":1,\"cohort_id\":\"a\",\"version\":2}", Encoding.UTF8.GetString(marker.Value!));
    }

    [Fact]
    public void Refuses_an_id_that_a_change_defines_twice()
    {
        var error = _planner.Apply(_rows, Parse(Looked("a"), Looked("a", "bought")), "change-1").Error!;
        Assert.Equal(ControlErrorKind.Invalid, error.Kind);
        Assert.Equal("found `a` several times in one change, expected each id once.", Assert.Single(error.Details));
    }

    [Fact]
    public void Refuses_more_live_definitions_than_there_may_be_but_not_a_change_of_one()
    {
        for (var i = 0; i < DefinitionLimits.LiveDefinitionsMax - 1; i++)
            _rows.Apply(Encoding.UTF8.GetBytes($"cohort-{i}"), new CohortDefinitionRow($"cohort-{i}", 1, Encoding.UTF8.GetBytes("{}")).Encode(), isTombstone: false);
        _rows.Apply("gone"u8, new CohortDefinitionRow("gone", 2, null).Encode(), isTombstone: false);

        var error = _planner.Apply(_rows, Parse(Looked("one"), Looked("two"), Looked("cohort-7")), "change-1").Error!;
        Assert.Equal(ControlErrorKind.Invalid, error.Kind);
        Assert.Equal("found 10001 with this change, expected at most 10000: delete cohorts that nobody uses.", Assert.Single(error.Details));

        Assert.Equal([CohortChangeKind.Created, CohortChangeKind.Changed], Apply(Looked("gone"), Looked("cohort-7")).Answer.Cohorts.Select(cohort => cohort.Kind));
    }

    [Fact]
    public void Refuses_membership_of_a_cohort_that_is_not_there_or_in_a_circle_with_what_is_stored()
    {
        Assert.StartsWith("`b` asks for membership of `a`", Assert.Single(_planner.Apply(_rows, Parse(Member("b", "a")), "change-1").Error!.Details), StringComparison.Ordinal);
        Keep(Apply(Looked("a"), Member("b", "a")));
        var error = _planner.Apply(_rows, Parse(Member("a", "b")), "change-2").Error!;
        Assert.Equal(ControlErrorKind.Invalid, error.Kind);
        Assert.Contains("`a` → `b` → `a`", Assert.Single(error.Details), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_to_delete_a_cohort_that_another_one_names()
    {
        Keep(Apply(Looked("a"), Member("b", "a")));
        Assert.StartsWith("found `in_cohort: a` in `b`", Assert.Single(_planner.Delete(_rows, "a", "change-2").Error!.Details), StringComparison.Ordinal);
        Keep(_planner.Delete(_rows, "b", "change-2").Value);
        Assert.False(_planner.Delete(_rows, "a", "change-3").IsError);
    }

    [Fact]
    public void Names_a_row_that_another_program_wrote()
    {
        _rows.Apply("x"u8, "?"u8, isTombstone: false);
        var error = _planner.Apply(_rows, Parse(Looked("a")), "change-1").Error!;
        Assert.StartsWith("cohort x: not a row of cohort-definitions", Assert.Single(error.Details), StringComparison.Ordinal);
    }

    private ControlDraft<CohortChangeSet> Apply(params string[] texts) => _planner.Apply(_rows, Parse(texts), "change-1").Value;

    private void Keep<T>(ControlDraft<T> draft)
    {
        foreach (var append in draft.Appends.Where(append => append.Topic == Topics.CohortDefinitions.Name))
            _rows.Apply(append.Key, append.Value, isTombstone: append.Value is null);
    }

    private static string Looked(string id, string eventType = "looked") => $"id: {id}\nwhere:\n  did: {{ event: {eventType} }}\n";

    private static string Member(string id, string of) => $"id: {id}\nwhere: {{ in_cohort: {of} }}\n";

    private static CohortDefinition[] Parse(params string[] texts) =>
        [.. texts.SelectMany(text => DefinitionParser.Parse(text, "test.yaml") is { IsAccepted: true } result ? result.Definitions : throw new InvalidOperationException(text))];

    private static string KeyOf(ControlAppend append) => Encoding.UTF8.GetString(append.Key);
}
