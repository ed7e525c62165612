using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Evaluator;

/// <summary>A few evaluators over a few partitions of <c>activity</c>; what they wrote is held against the oracle.</summary>
internal static class EvaluatorRun
{
    private const int PartitionsMax = 3;
    private const int SmallCommitBytesMax = 4_000;

    public static RunResult Run(int seed, FaultPlan? plan, Journal? journal)
    {
        var world = new SimulatedWorld(seed, plan, journal);
        var random = world.Random;
        var partitions = random.Next(1, PartitionsMax + 1);
        var first = RandomActivity.Generate(random.Next(), null, "0");
        List<IReadOnlyList<OracleRecord>> records = [first.Records];
        for (var partition = 1; partition < partitions; partition++)
            records.Add(RandomActivity.Generate(random.Next(), first.Options, partition.ToString(CultureInfo.InvariantCulture)).Records);
        var settings = new EvaluatorSettings(random, first.Options, partitions) { CommitBytesMax = random.Next(2) == 0 ? random.Next(1, SmallCommitBytesMax) : long.MaxValue };
        foreach (var topic in settings.Topics.All)
            world.Broker.Create(topic);
        world.Broker.WhenCommitted += new ChangelogRule(settings).Check;
        var run = new TroubledRun(
            world,
            new(world, settings.Topics.Activity.Name, records),
            new(world, settings.Group, PartitionsOf(settings.Topics.EvaluatorChangelog), canExpire: true),
            settings.Group,
            PartitionsOf(settings.Topics.Activity),
            settings.Setup,
            () => world.Counts.Commits);
        var verdict = new EvaluatorVerdict(world.Broker, settings, first.Options);
        return new(seed, run.Go(() => verdict.FirstFault(world.Counts)), world.Counts);
    }

    private static TopicPartition[] PartitionsOf(TopicSpec topic) =>
        [.. Enumerable.Range(0, topic.PartitionCount).Select(partition => new TopicPartition(topic.Name, partition))];
}
