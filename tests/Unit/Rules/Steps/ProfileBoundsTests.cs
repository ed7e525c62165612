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
        var madeApproximate = 0;
        for (var i = 0; i < 10_000; i++)
        {
            script.Event("10:00", "view");
            madeApproximate += script.Last.BehaviorsMadeApproximate;
        }

        Assert.InRange(Enumerable.Range(0, 4).Sum(i => script.Profile.BehaviorAt(i).Count), 30_000, 39_999);
        Assert.Equal(madeApproximate, Enumerable.Range(0, 4).Count(i => script.Profile.BehaviorAt(i).IsApproximate));
        Assert.InRange(madeApproximate, 1, 4);
        Assert.InRange(Enumerable.Range(0, 4).Max(i => script.Profile.BehaviorAt(i).Count) - Enumerable.Range(0, 4).Min(i => script.Profile.BehaviorAt(i).Count), 0, 1);
    }

    /// <summary>A behavior with an event in it takes a dozen bytes: thousands of them are far from the bound.</summary>
    [Fact]
    public void Thousands_of_behaviors_with_an_event_each_are_all_kept()
    {
        const int cohorts = 6_000;
        var script = new PartitionScript([.. Enumerable.Range(0, cohorts).Select(number => Counting(number, 2))]) { Restores = true };
        script.Event("10:00", "view").Event("10:01", "view");
        Assert.Equal(cohorts, script.Profile.BehaviorCount);
        Assert.Equal(cohorts, script.Profile.Memberships.Length);
        Assert.Equal(0, script.Last.BehaviorsMadeApproximate);
    }

    /// <summary>What makes it too large need be no event.</summary>
    [Fact]
    public void Properties_that_come_to_a_full_profile_push_events_out()
    {
        var script = new PartitionScript([.. Enumerable.Range(0, 4).Select(number => Counting(number, 10_000))]);
        for (var i = 0; i < 9_000; i++)
            script.Event("10:00", "view");
        int Events() => Enumerable.Range(0, 4).Sum(i => script.Profile.BehaviorAt(i).Count);
        Assert.Equal(36_000, Events());

        script.Identify("10:01", $$$"""{"$set":{"about":"{{{new string('a', 60_000)}}}"}}""");
        Assert.InRange(Events(), 32_500, 33_500);
        Assert.InRange(script.Last.BehaviorsMadeApproximate, 1, 4);
    }

    [Fact]
    public void A_behavior_that_needs_all_of_its_events_keeps_the_newest_thousand_and_says_so()
    {
        var script = new PartitionScript("""
            id: max
            where: { did: { event: buy, max: { of: price, at_least: 5 }, within: 1d } }
            """);
        script.Event("10:00", "buy", """{"price":9}""");
        var madeApproximate = 0;
        for (var i = 0; i < 1_000; i++)
        {
            script.Event("10:01", "buy", """{"price":1}""");
            madeApproximate += script.Last.BehaviorsMadeApproximate;
        }

        Assert.Equal(1, madeApproximate);
        Assert.Equal(1_000, script.Profile.BehaviorAt(0).Count);
        Assert.Equal(["enter max 2026-03-01T10:00:00.000Z event", "exit max 2026-03-01T10:01:00.000Z event"], script.Deltas);
    }
}
