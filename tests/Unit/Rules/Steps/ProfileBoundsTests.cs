using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>The bounds of what a profile remembers: cohorts.md §5.</summary>
public sealed class ProfileBoundsTests
{
    private static string Counting(int number, int count) => $$"""
        id: counting-{{number}}
        where: { did: { event: view, where: { p: { is_not: {{number}} } }, count: { at_least: {{count}} } } }
        """;

    [Fact]
    public void Only_as_many_events_are_remembered_as_the_bound_needs()
    {
        var script = new PartitionScript(Counting(1, 3));
        for (var i = 0; i < 10; i++)
            script.Event("10:00", "view", time: $"09:0{9 - i}");
        Assert.Equal(3, script.Profile.BehaviorAt(0).Count);
        Assert.Equal(PartitionScript.Instant("09:07"), script.Profile.BehaviorAt(0).Times[0]);
    }

    [Fact]
    public void A_profile_at_its_bound_drops_the_oldest_events_of_the_largest_behavior_and_says_so()
    {
        var script = new PartitionScript([.. Enumerable.Range(0, 4).Select(number => Counting(number, 10_000))]);
        var dropped = 0;
        for (var i = 0; i < 10_000; i++)
        {
            script.Event("10:00", "view");
            dropped += script.Last.DroppedEvents;
        }

        Assert.InRange(dropped, 1, 10_000);
        Assert.Equal(40_000 - dropped, Enumerable.Range(0, 4).Sum(i => script.Profile.BehaviorAt(i).Count));
        Assert.Contains(Enumerable.Range(0, 4), i => script.Profile.BehaviorAt(i).IsApproximate);
        Assert.InRange(Enumerable.Range(0, 4).Max(i => script.Profile.BehaviorAt(i).Count) - Enumerable.Range(0, 4).Min(i => script.Profile.BehaviorAt(i).Count), 0, 1);
    }
}
