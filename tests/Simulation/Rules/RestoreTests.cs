using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.SimulatedKafka;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>Rule 3: on assignment first the position, then the changelog up to its uncommitted end, whose position record must name that position.</summary>
public sealed class RestoreTests
{
    [Fact]
    public void A_commit_whose_marker_the_changelog_waits_for_is_restored()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        var first = scene.Start(0);
        scene.World.IsWaiting = partition => partition?.Topic == scene.Settings.Topics.EvaluatorChangelog.Name;
        scene.StepUntil(() => scene.Committed().Exists, first);
        first.Log.Kill();
        scene.Broker.GroupOf(scene.Settings.Group).ThrowOut(0);

        scene.Write(RuleScene.AnHourLater());
        scene.StepToEnd(scene.Start(1));
        scene.AssertAgrees();
    }

    [Fact]
    public void A_state_that_is_not_the_positions_stops_the_service()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        var first = scene.Start();
        scene.StepToEnd(first);
        first.Stop();
        var committed = scene.Committed();
        scene.Broker.GroupOf(scene.Settings.Group).Commit([committed with { Offset = committed.Offset - 1 }]);

        var next = scene.Start();
        var stopped = Assert.Throws<InvalidOperationException>(() => scene.StepUntil(() => next.IsOver, next));
        Assert.Contains("The state is not the positions'", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_groups_positions_have_expired_the_position_record_says_where_to_go_on()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        var first = scene.Start();
        scene.StepToEnd(first);
        first.Stop();
        scene.Broker.GroupOf(scene.Settings.Group).Expire();

        scene.Write(RuleScene.AnHourLater());
        scene.StepToEnd(scene.Start());
        scene.AssertAgrees();
    }

    [Fact]
    public void A_predecessors_pending_transaction_is_waited_for()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada"));
        var first = scene.Start(0);
        scene.World.Ends.Enqueue(RequestFate.Late);
        scene.World.LateBy = TimeSpan.FromSeconds(10);
        scene.World.AtEachCall = (client, _) =>
        {
            if (client == first.Log && scene.World.Ends.Count == 0)
                client.Kill();
        };
        scene.StepUntil(() => first.IsOver, first);
        scene.World.AtEachCall = null;
        scene.Broker.GroupOf(scene.Settings.Group).ThrowOut(0);

        scene.Write(RuleScene.AnHourLater());
        scene.StepToEnd(scene.Start(1));
        scene.AssertAgrees();
    }

    [Fact]
    public void What_was_compacted_is_restored_as_it_was()
    {
        var scene = new RuleScene();
        var first = scene.Start();
        foreach (var records in (ActivityScript[])[RuleScene.Purchases("u:ada", "u:bob"), RuleScene.LaterPurchases("u:ada")])
        {
            scene.Write(records);
            scene.StepToEnd(first);
        }

        scene.Broker.Compact(new TopicPartition(scene.Settings.Topics.EvaluatorChangelog.Name, 0));
        first.Stop();
        scene.Write(RuleScene.AnHourLater());
        scene.StepToEnd(scene.Start());
        scene.AssertAgrees();
    }
}
