using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>A few sinks of one destination over a few partitions of deltas; what its stream got is held against what it was to get.</summary>
/// <remarks>Positions do not expire here.</remarks>
internal static class DeliveryRun
{
    private const int PartitionsMax = 3;

    public static RunResult Run(int seed, FaultPlan? plan, Journal? journal)
    {
        var world = new SimulatedWorld(seed, plan, journal);
        var random = world.Random;
        var isClean = plan == FaultPlan.None || plan == FaultPlan.CleanRebalances;
        var troubles = isClean ? StreamTroubles.Draw(random) with { Calls = 0 } : StreamTroubles.Draw(random);
        var topics = new PipelineTopics("sim", random.Next(1, PartitionsMax + 1), null);
        foreach (var topic in topics.All)
            world.Broker.Create(topic);
        var workload = new DeliveryWorkload(random, topics.PartitionCount);
        var group = new PipelineGroups(topics).Sink(workload.Destination.Id);
        var options = new SinkOptions { BudgetBytes = random.Next(30_000, 200_000), SpanMax = random.Next(8, 200) };
        var stream = new SimulatedStream(world, troubles);
        world.Add(stream);
        var verdict = new DeliveryVerdict(world.Broker, topics, group, workload, mayRepeat: !isClean);
        var setup = new ProcessSetup("sink", start =>
        {
            var committed = verdict.CommittedNow();
            return new SinkWork(start, workload, topics, options, new(stream, start.Log, start.Incarnation, entries => verdict.Sent(entries, committed)));
        });
        TopicPartition[] partitions = [.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new TopicPartition(topics.MembershipDeltas.Name, partition))];
        BeginAtFirst(world, group, partitions);
        var run = new TroubledRun(
            world,
            new(world, topics.MembershipDeltas.Name, workload.Records),
            new(world, group, [], canExpire: false),
            group,
            partitions,
            setup,
            () => partitions.Sum(partition => world.Broker.Committed(group, partition).Offset) + stream.Stored.Count);
        return new(seed, run.Go(() => verdict.FirstFault(stream)), world.Counts);
    }

    /// <summary>The destination is an old one: it has positions, all before the first record.</summary>
    private static void BeginAtFirst(SimulatedWorld world, string group, TopicPartition[] partitions)
    {
        var log = world.Untroubled = world.Broker.Connect("former owner");
        using var reader = log.OpenReader(new(group));
        reader.Subscribe([partitions[0].Topic], new FirstOwner());
        reader.Poll(1, TimeSpan.Zero);
        if (!reader.Commit([.. partitions.Select(partition => new CommittedPosition(partition.Topic, partition.Partition, 0, ""))]))
            throw new InvalidOperationException("the first positions were refused");
        reader.Leave();
    }

    private sealed class FirstOwner : IPositionedHandler
    {
        public long[] Assigned(IReadOnlyList<CommittedPosition> partitions) => new long[partitions.Count];

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
            // It has nothing to end.
        }

        public void Lost(IReadOnlyList<TopicPartition> partitions)
        {
            // Nor anything to lose.
        }
    }
}
