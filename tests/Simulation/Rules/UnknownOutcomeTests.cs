using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>Rule 2: an outcome that nobody could tell is told by what the group has, once the transactional id was opened anew.</summary>
public sealed class UnknownOutcomeTests
{
    [Theory]
    [InlineData(RequestFate.Lost)]
    [InlineData(RequestFate.AnswerLost)]
    [InlineData(RequestFate.Late)]
    public void A_commit_without_an_answer_counts_once(RequestFate fate)
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        var evaluator = scene.Start();
        scene.World.Ends.Enqueue(fate);
        scene.StepToEnd(evaluator);
        scene.Write(RuleScene.LaterPurchases("u:ada").Until(RuleScene.Noon + 3_600_000));
        scene.StepToEnd(evaluator);
        Assert.Empty(scene.World.Ends);
        scene.AssertAgrees();
    }

    [Fact]
    public void Its_markers_are_waited_for_before_it_is_told()
    {
        var scene = new RuleScene();
        scene.World.IsWaiting = _ => true;
        scene.Write(RuleScene.Purchases("u:ada"));
        scene.World.Ends.Enqueue(RequestFate.AnswerLost);
        var evaluator = scene.Start();
        scene.StepToEnd(evaluator);
        scene.AssertAgrees();
    }

    [Fact]
    public void A_commit_without_an_answer_counts_once_also_while_its_partitions_go()
    {
        var scene = new RuleScene(partitions: 2);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.Purchases($"u:ada{partition}"), partition);
        var first = scene.Start(0);
        scene.StepToEnd(first);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.LaterPurchases($"u:ada{partition}").Until(RuleScene.Noon + 3_600_000), partition);
        var second = scene.Start(1);
        second.Step();
        scene.World.Ends.Enqueue(RequestFate.AnswerLost);
        scene.StepToEnd(first, second);
        scene.AssertAgrees();
    }

    [Fact]
    public void Where_another_owner_has_the_partition_by_then_the_lane_stops()
    {
        var scene = new RuleScene(protocol: GroupProtocol.Consumer);
        scene.Write(RuleScene.Purchases("u:ada"));
        var first = scene.Start(0);
        scene.World.Ends.Enqueue(RequestFate.Lost);
        var second = scene.Start(1);
        scene.World.AtEachCall = (client, call) =>
        {
            if (client != first.Log || call != LogCall.Committed || !first.HasBegun || scene.World.Ends.Count > 0)
                return;
            scene.World.AtEachCall = null;
            scene.World.Sleep(client, TimeSpan.FromSeconds(100), () => scene.StepToEnd(second));
        };
        scene.StepUntil(() => first.IsOver, first);
        scene.StepToEnd(second);
        scene.AssertAgrees();
    }
}
