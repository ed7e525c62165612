using System.Text.Json.Nodes;
using CohortPipeline.Sinks;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

/// <summary>What becomes of deltas while their cohort starts.</summary>
public sealed class StartedCohortTests
{
    [Fact]
    public void Deltas_that_the_rows_have_are_left_out_and_those_behind_go_on_unless_a_row_has_overtaken_them()
    {
        using var composed = new Composed(Destination("amplitude-cohort", "cohorts: [old, new]\nidentifier_field: user_id"));
        composed.Progress.StandFor(new(CohortSelection.Of(["old"]), new(CohortSelection.Of(["new"]), null, [])), isCommitted: true);
        composed.Take("u:ada", Delta("ada", "old", version: 1, at: At)).Take("u:ada", Delta("ada", "new", version: 1, at: At));
        composed.Progress.HoldAt(2);
        composed.Progress.Sent.Add("new"u8, "u:ada"u8, At + 3, 3);
        composed.Progress.FollowRows();
        for (var version = 2; version <= 4; version++)
            composed.Take("u:ada", Delta("ada", "new", version: version, at: At + version));
        Assert.Equal(["old", "new"], composed.Payloads.Select(payload => (string)JsonNode.Parse(payload)!["cohort_id"]!));
        Assert.Equal(new SinkCounts(5, 0, 0, 3, 2), composed.Counts);
    }

    [Fact]
    public void A_row_does_not_cut_an_evaluation_whose_parts_are_still_to_come()
    {
        using var composed = new Composed(Destination("lytics-trigger", "identifier_field: user_id"));
        composed.Progress.StandFor(new(CohortSelection.Of(["a", "b"]), new(CohortSelection.All, null, [])), isCommitted: true);
        composed.Take("u:ada", Delta("ada", "a", part: 1, parts: 2)).TakeRow("u:bob", Delta("bob", "new")).Take("u:ada", Delta("ada", "b", part: 2, parts: 2));
        Assert.Equal([1, 2], composed.Payloads.Select(payload => JsonNode.Parse(payload)!["data"]!["segment_events"]!.AsArray().Count));
    }
}
