using CohortPipeline.TestKit.SimulatedKafka.Transactions;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>Rule 5: a profile is written to the changelog once a commit, in its last state; the position record comes last.</summary>
public sealed class ChangelogTests
{
    [Fact]
    public void A_transaction_has_each_key_once_and_the_position_record_last()
    {
        var scene = new RuleScene();
        scene.Write(RuleScene.Purchases("u:ada", "u:bob"));
        var written = new List<string[]>();
        scene.Broker.WhenCommitted += transaction => written.Add([.. KeysOf(scene, transaction)]);
        scene.StepToEnd(scene.Start());

        var first = written.First(keys => keys.Length > 0);
        Assert.Equal(first.Distinct(), first);
        Assert.Contains("u:ada", first);
        Assert.All(written.Where(keys => keys.Length > 0), keys => Assert.Equal("\0position", keys[^1]));
        scene.AssertAgrees();
    }

    private static IEnumerable<string> KeysOf(RuleScene scene, Transaction transaction) => transaction.Records
        .Where(written => written.Partition.Topic == scene.Settings.Topics.EvaluatorChangelog.Name)
        .Select(written => System.Text.Encoding.UTF8.GetString(written.Record.Key!));
}
