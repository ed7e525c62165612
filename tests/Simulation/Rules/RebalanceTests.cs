using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Groups;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>Rule 4: what a sure abort, a revocation, a loss and a fence leave of a lane's work.</summary>
public sealed class RebalanceTests
{
    [Fact]
    public void After_a_sure_abort_the_records_are_read_again_and_counted_once()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada", "u:bob"));
        var evaluator = scene.Start();
        scene.World.Ends.Enqueue(RequestFate.Refused);
        scene.StepToEnd(evaluator);
        scene.Write(RuleScene.LaterPurchases("u:ada").Until(RuleScene.Noon + 3_600_000));
        scene.World.Ends.Enqueue(RequestFate.Refused);
        scene.StepToEnd(evaluator);
        Assert.Empty(scene.World.Ends);
        scene.AssertAgrees();
    }

    [Fact]
    public void Timers_that_an_aborted_transaction_fired_are_fired_again()
    {
        var scene = new RuleScene();
        var evaluator = scene.Start();
        scene.Write(RuleScene.Purchases("u:ada"));
        scene.StepToEnd(evaluator);
        scene.Write(RuleScene.AnHourLater());
        scene.World.Ends.Enqueue(RequestFate.Refused);
        scene.StepToEnd(evaluator);
        Assert.Empty(scene.World.Ends);
        scene.AssertAgrees();
    }

    [Theory]
    [InlineData(GroupProtocol.Eager)]
    [InlineData(GroupProtocol.Cooperative)]
    [InlineData(GroupProtocol.Consumer)]
    public void What_was_done_of_a_partition_is_committed_before_it_goes(GroupProtocol protocol)
    {
        var scene = new RuleScene(partitions: 2, protocol);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.Purchases($"u:ada{partition}"), partition);
        var first = scene.Start(0);
        scene.StepToEnd(first);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.LaterPurchases($"u:ada{partition}"), partition);
        first.Step();
        Assert.False(scene.IsAllCommitted());
        var second = scene.Start(1);
        for (var turn = 0; turn < 3; turn++)
            second.Step();

        first.Step();

        Assert.True(scene.IsAllCommitted());
        scene.StepToEnd(first, second);
        scene.AssertAgrees();
    }

    [Fact]
    public void What_was_done_of_a_partition_that_is_lost_is_never_committed()
    {
        var scene = new RuleScene(partitions: 2, commitInterval: TimeSpan.FromHours(1));
        var first = scene.Start(0);
        ProcessLife? second = null;
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.Purchases($"u:ada{partition}"), partition);
        var appended = 0;
        scene.World.AtEachCall = (client, call) =>
        {
            if (client != first.Log || call != LogCall.Append || ++appended != 2)
                return;
            second = scene.Start(1);
            scene.Broker.GroupOf(scene.Settings.Group).ThrowOut(0);
            scene.StepUntil(scene.IsAllCommitted, second);
        };
        scene.StepUntil(() => second is not null, first);
        scene.StepFor(TimeSpan.FromSeconds(3), first, second!);
        for (var partition = 0; partition < 2; partition++)
            scene.Write(RuleScene.LaterPurchases($"u:ada{partition}"), partition);
        scene.StepToEnd(first, second!);
        scene.AssertAgrees();
    }

    [Fact]
    public void A_fenced_instance_stops()
    {
        var scene = new RuleScene();
        var old = scene.Start(0);
        scene.StepUntil(() => old.HasBegun, old);
        scene.Write(RuleScene.Purchases("u:ada"));
        var next = scene.Start(0);
        next.Step();
        scene.StepUntil(() => old.IsOver, old);
        scene.StepToEnd(next);
        scene.AssertAgrees();
    }
}
