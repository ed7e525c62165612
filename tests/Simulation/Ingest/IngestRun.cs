using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Ingest;

/// <summary>A few ingests over a few partitions of producers' records: each is in <c>activity</c> or the dead letters once, in order for each profile.</summary>
/// <remarks>Positions of sources do not expire here: ingest has no state that would know where to go on.</remarks>
internal static class IngestRun
{
    private const string Source = "events";
    private const string Group = "event-ingest";
    private const int SourcePartitionsMax = 3;
    private const int RecordsMax = 60;
    private const int SmallCommitBytesMax = 1_000;

    public static RunResult Run(int seed, FaultPlan? plan, Journal? journal)
    {
        var world = new SimulatedWorld(seed, plan, journal);
        var random = world.Random;
        var pipeline = new PipelineOptions { Log = LogKind.Embedded, Partitions = random.Next(1, 4), EventTopics = [Source], IdentifyTopics = [] };
        var topics = pipeline.Topics();
        var sources = new TopicSpec(Source, random.Next(1, SourcePartitionsMax + 1), TopicCleanup.Delete);
        foreach (var topic in topics.All.Append(sources))
            world.Broker.Create(topic);
        var options = new IngestOptions { WatermarkInterval = TimeSpan.FromMilliseconds(random.Next(10, 1_000)), CommitInterval = TimeSpan.FromMilliseconds(random.Next(1, 100)) };
        var commitBytesMax = random.Next(2) == 0 ? random.Next(1, SmallCommitBytesMax) : long.MaxValue;
        var setup = LaneWork.Setup(
            "ingest",
            ordinal => new() { Group = Group, Topics = [Source], TransactionalId = $"{Group}.{ordinal}", CommitInterval = options.CommitInterval, CommitBytesMax = commitBytesMax, IdleWait = TimeSpan.Zero },
            (log, logger) => new IngestProcessor(options, topics, "event-ingest", Group, log.Admin, log.Clock, logger));
        TopicPartition[] partitions = [.. Enumerable.Range(0, sources.PartitionCount).Select(partition => new TopicPartition(Source, partition))];
        var run = new TroubledRun(
            world,
            new(world, Source, [.. Enumerable.Range(0, sources.PartitionCount).Select(partition => Records(random, partition))]),
            new(world, Group, [], canExpire: false),
            Group,
            partitions,
            setup,
            () => partitions.Sum(partition => world.Broker.Committed(Group, partition).Offset));
        return new(seed, run.Go(() => FirstFault(world.Broker, topics, sources)), world.Counts);
    }

    private static List<OracleRecord> Records(Random random, int partition) =>
        [.. Enumerable.Range(0, random.Next(1, RecordsMax)).Select(number => new OracleRecord(0, "", Encoding.UTF8.GetBytes(random.Next(10) switch
        {
            0 => "nonsense",
            1 => Batch(partition, number),
            _ => Event(partition, number, random.Next(5)),
        })))];

    private static string Event(int partition, int number, int user) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"event":"e{{partition}}.{{number}}","user_id":"u{{user}}"}""");

    /// <summary>Two entries that are records, and one that is none.</summary>
    private static string Batch(int partition, int number) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"events":[{"event_type":"b{{partition}}.{{number}}","user_id":"u1"},{"event_type":"nobody"},{"event_type":"c{{partition}}.{{number}}","user_id":"u2"}]}""");

    private static string? FirstFault(Broker broker, PipelineTopics topics, TopicSpec sources) => ActivityComparer.Compare(
        Dump(broker, sources).SelectMany(records => records),
        Dump(broker, topics.Activity),
        Dump(broker, topics.DeadLetters).SelectMany(records => records)) is [var difference, ..] ? difference : null;

    private static IReadOnlyList<IReadOnlyList<DumpedRecord>> Dump(Broker broker, TopicSpec topic) =>
        [.. Enumerable.Range(0, topic.PartitionCount).Select(partition => (IReadOnlyList<DumpedRecord>)[.. broker.Visible(topic.Name, partition).Select(stored => new DumpedRecord(
            topic.Name,
            partition,
            stored.Offset,
            stored.Record.Key,
            stored.Record.Value,
            stored.Record.Timestamp,
            [.. stored.Record.Headers.Select(header => (header.Name, header.Value ?? []))]))])];
}
