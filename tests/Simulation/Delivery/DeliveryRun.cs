using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>A few sinks of one destination over a few partitions of deltas; what its stream got is held against what it was to get.</summary>
/// <remarks>Positions do not expire here.</remarks>
internal static class DeliveryRun
{
    private const int PartitionsMax = 3;

    /// <summary>A loop that waits for a boundary makes many calls a turn.</summary>
    private static readonly TimeSpan ShortOfStalls = TimeSpan.FromMilliseconds(200);

    /// <param name="isPeriodic">The destination is told at boundaries, not in real time.</param>
    public static RunResult Run(int seed, FaultPlan? plan, Journal? journal, bool isPeriodic = false)
    {
        var world = new SimulatedWorld(seed, plan, journal);
        var random = world.Random;
        var began = world.Broker.Clock.GetUtcNow();
        var isClean = plan == FaultPlan.None || plan == FaultPlan.CleanRebalances;
        var troubles = isClean ? StreamTroubles.Draw(random) with { Calls = 0 } : StreamTroubles.Draw(random);
        var topics = new PipelineTopics("sim", random.Next(1, PartitionsMax + 1), null);
        foreach (var topic in topics.All)
            world.Broker.Create(topic);
        var workload = new DeliveryWorkload(random, topics.PartitionCount, isPeriodic ? "hourly" : "real_time");
        var group = new PipelineGroups(topics).Sink(workload.Destination.Id);
        var options = new SinkOptions { BudgetBytes = random.Next(workload.BudgetBytesMin, 200_000), SpanMax = random.Next(8, 200) };
        var stream = new SimulatedStream(world, troubles);
        world.Add(stream);
        var definition = new EditedDefinition(world, workload.Definitions);
        world.Add(definition);
        var sent = new SentEvaluations(world.Broker, topics, group);
        var setup = new ProcessSetup("sink", start => new SinkWork(start, definition, topics, options, isPeriodic ? new HastyClock(start.Log.Clock, began) : start.Log.Clock, () =>
        {
            var committed = sent.CommittedNow();
            return new(stream, start.Log, start.Incarnation, entries => sent.Sent(entries, committed));
        }));
        TopicPartition[] partitions = [.. Enumerable.Range(0, topics.PartitionCount).Select(partition => new TopicPartition(topics.MembershipDeltas.Name, partition))];
        if (!workload.IsNew)
            OldDestination.Begin(world.Untroubled = world.Broker.Connect("former owner"), topics, workload.Destination.Id);
        var feed = new Feed(world, topics.MembershipDeltas.Name, workload.Records) { Beside = WriteRow };
        for (var steps = workload.IsNew ? random.Next(20) : 0; steps > 0; steps--)
            feed.Step();
        var periods = new ToldPeriods(world.Broker, topics, workload.Destination.Id);
        var run = new TroubledRun(
            world,
            feed,
            new(world, group, [], canExpire: false),
            group,
            partitions,
            setup,
            () => partitions.Sum(partition => world.Broker.Committed(group, partition).Offset) + stream.Stored.Count + definition.Edits)
        {
            LongMoment = isPeriodic ? ShortOfStalls : TroubledRun.UsualLongMoment,
            IsDone = () => !isPeriodic || periods.AreAllTold(),
        };
        return new(
            seed,
            run.Go(() => isPeriodic
                ? new PeriodicVerdict(world.Broker, topics, workload, periods, sent, mayRepeat: !isClean).FirstFault(stream)
                : new DeliveryVerdict(world.Broker, topics, workload, sent, mayRepeat: !isClean).FirstFault(stream)),
            world.Counts);

        void WriteRow(ILogWriter writer, OracleRecord delta)
        {
            var (key, value) = workload.RowOf(delta);
            MembershipKey.TrySplit(key, out var cohortId, out _);
            var topic = writer.Topic(topics.Memberships.Name);
            writer.Append(topic, topic.PartitionOf(cohortId), key, value);
        }
    }
}
