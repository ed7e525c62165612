using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>Rule 1: every transaction sends positions, fresh, of what its lane owns and of nothing else.</summary>
public sealed class OwnershipTests
{
    private static readonly TimeSpan LongerThanASession = TimeSpan.FromSeconds(100);

    [Fact]
    public void An_owner_that_slept_through_a_rebalance_cannot_commit_what_records_led_to()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        AssertSleeperIsRefused(scene, () => !scene.Committed().Exists);
    }

    [Fact]
    public void An_owner_that_slept_through_a_rebalance_cannot_commit_what_timers_alone_led_to()
    {
        var scene = new RuleScene(timerSlice: 1, commitInterval: TimeSpan.Zero);
        scene.Write(RuleScene.Purchases([.. Enumerable.Range(0, 8).Select(number => $"u:{number}")]).Until(RuleScene.Noon + 3_600_000));
        AssertSleeperIsRefused(scene, () => scene.Committed().Offset == scene.Broker.End(scene.Activity()));
    }

    [Fact]
    public void A_lane_commits_no_position_of_a_partition_that_another_lane_has()
    {
        var scene = new RuleScene(partitions: 2);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.Purchases($"u:ada{partition}"), partition);
        var first = scene.Start(0);
        scene.StepToEnd(first);
        var second = scene.Start(1);
        scene.StepUntil(() => scene.Broker.GroupOf(scene.Settings.Group).MemberCount == 2, first, second);
        scene.StepToEnd(first, second);

        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.AnHourLater(), partition);
        scene.StepToEnd(first, second);

        Assert.Equal(2, Enumerable.Range(0, 2).Select(partition => scene.Committed(partition).Metadata.Split(' ')[2]).Distinct().Count());
        var others = Enumerable.Range(0, 2).Select(partition => scene.Committed(partition)).Single(position => position.Metadata.Contains($"{scene.Settings.Group}.1.", StringComparison.Ordinal));
        scene.Write(new ActivityScript().Until(RuleScene.Noon + 7_200_000), 1 - others.Partition);
        scene.StepToEnd(first);
        Assert.Equal(others, scene.Committed(others.Partition));
        scene.AssertAgrees();
    }

    /// <summary>
    /// When it is so, the owner falls asleep just before it appends the first record of a transaction, so that no time-out of
    /// that transaction helps; another owner does all the work meanwhile.
    /// </summary>
    private static void AssertSleeperIsRefused(RuleScene scene, Func<bool> isSo)
    {
        var sleeper = scene.Start(0);
        ProcessLife? next = null;
        scene.World.AtEachCall = (client, call) =>
        {
            if (call != LogCall.Append || client != sleeper.Log || next is not null || !isSo())
                return;
            next = scene.Start(1);
            scene.World.Sleep(client, LongerThanASession, () => scene.StepToEnd(next));
        };
        scene.StepUntil(() => next is not null, sleeper);
        scene.StepToEnd(sleeper, next!);
        scene.AssertAgrees();
    }
}
