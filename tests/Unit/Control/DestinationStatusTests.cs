using CohortPipeline.Control;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

public sealed class DestinationStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_destination_that_nobody_serves_is_configured() => Assert.Equal("configured", Of().State);

    [Fact]
    public void The_worst_state_of_its_instances_counts_and_what_they_count_is_added_up()
    {
        var status = Of(
            new("pod-1", Now, Report(SinkState.Live) with { Counts = new(10, 8, 1, 0, 1), OldestUnacceptedAt = Now.AddSeconds(-4), Retries = Retries(3), ThrottledShards = ["b", "a"] }),
            new("pod-2", Now.AddSeconds(-30), Report(SinkState.Parked) with { Reason = "refused", Counts = new(5, 0, 0, 2, 3), OldestUnacceptedAt = Now.AddSeconds(-90), Retries = Retries(4), ThrottledShards = ["b"] }));
        Assert.Equal(("parked", "refused", 2), (status.State, status.Reason, status.Instances));
        Assert.Equal(new SinkCounts(15, 8, 1, 2, 4), status.Records);
        Assert.Equal((90, 7), (status.OldestUnacceptedSeconds, status.Retries!["InternalFailure"]));
        Assert.Equal(["a", "b"], status.ThrottledShards);
    }

    [Fact]
    public void An_instance_that_tells_nothing_any_more_does_not_count_beside_one_that_does()
    {
        var status = Of(new("gone", Now.AddMinutes(-5), Report(SinkState.Parked)), new("here", Now, Report(SinkState.Snapshot) with { Progress = 43 }));
        Assert.Equal(("snapshot", 43, 1), (status.State, status.Progress, status.Instances));
    }

    [Fact]
    public void A_destination_whose_instances_all_tell_nothing_any_more_is_silent_with_its_last_word()
    {
        var status = Of(new("older", Now.AddHours(-2), Report(SinkState.Live)), new("pod-1", Now.AddMinutes(-5), Report(SinkState.Parked) with { Reason = "refused" }));
        Assert.Equal(("silent", "pod-1 was parked: refused, and tells nothing any more; is its process running?", 0), (status.State, status.Reason, status.Instances));
        Assert.Equal(Now.AddMinutes(-5), status.Since);
        Assert.Null(status.Records);
    }

    private static DestinationStatus Of(params ToldReport[] told) => DestinationStatus.Of("ads", "kinesis", told, Now);

    private static SinkReport Report(SinkState state) => new("ads", "kinesis", state, Now.AddHours(-1));

    private static Dictionary<string, long> Retries(long count) => new() { ["InternalFailure"] = count };
}
