using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using Xunit;

namespace CohortPipeline.Tests.Unit.Hosting;

public sealed class TopicCheckTests
{
    private static readonly TopicSpec Activity = new("shop.activity", 12, TopicCleanup.Delete);

    [Fact]
    public void Accepts_what_fits() => Assert.Empty(TopicCheck.Ours(Activity, new("shop.activity", 12, TopicCleanup.Delete, TimeSpan.FromDays(1))));

    [Fact]
    public void Says_what_was_found_expected_and_what_to_do_for_each_contradiction()
    {
        var errors = TopicCheck.Ours(Activity, new("shop.activity", 4, TopicCleanup.Compact, null)).ToArray();
        Assert.Equal(2, errors.Length);
        Assert.Contains("shop.activity has 4 partitions, expected 12", errors[0], StringComparison.Ordinal);
        Assert.Contains("has cleanup.policy compact, expected delete", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_a_source_topic_as_it_is_while_the_clock_is_the_wall() =>
        Assert.Empty(TopicCheck.Source(new() { Partitions = 12 }, new("events", 3, TopicCleanup.Compact, null)));

    [Fact]
    public void Wants_as_many_source_partitions_as_activity_has_while_the_clock_is_the_record()
    {
        var error = Assert.Single(TopicCheck.Source(new() { Partitions = 12, Clock = ClockKind.Record }, new("events", 3, TopicCleanup.Delete, null)));
        Assert.Contains("events has 3 partitions, expected 12", error, StringComparison.Ordinal);
    }
}
