using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>
/// The real delivery loop with a log in memory and a stream of eight shards that a test steers, on a clock that nobody waits
/// for: every figure is exact, and the same in each run.
/// </summary>
internal sealed class ScriptedDestination : IDisposable
{
    public const int ShardRecordsPerSecond = 200;

    private const int Partitions = 4;
    private const ulong JitterSeed = 7;

    private readonly Broker _broker = new(new Fates());
    private readonly DeliveryLoop _loop;
    private readonly SinkOptions _options;
    private readonly SinkStatus _status;

    /// <param name="users">Each has as many deltas as there are <paramref name="rounds"/>, one behind the other.</param>
    public ScriptedDestination(SinkOptions options, int users, int rounds)
    {
        _options = options;
        Deltas = users * rounds;
        var topics = new PipelineTopics("scripted", Partitions, null);
        foreach (var topic in topics.All)
            _broker.Create(topic);
        var log = _broker.Connect("feed");
        Append(log, topics, users, rounds);
        var destination = (KinesisDestination)DestinationText.Read(string.Create(
            CultureInfo.InvariantCulture,
            $"id: ads\nsink: kinesis\ncohorts: [\"*\"]\nregion: us-west-2\nstream: s\nformat: amplitude-cohort\nidentifier_field: user_id\nshard_records_per_second: {ShardRecordsPerSecond}\n")).Destinations[0];
        OldDestination.Begin(log, topics, destination.Id);
        Stream = new(_broker.Clock);
        var sink = _broker.Connect("sink");
        _status = new(destination.Id, destination.Sink, sink.Clock);
        _loop = new(new(sink, topics, options, MemoryMemberSnapshots.Instance, sink.Clock, NullLogger.Instance), destination, _status, new(Stream, JitterSeed, key => key.Fill((byte)'k')));
        _loop.Begin();
    }

    public int Deltas { get; }

    public ScriptedShards Stream { get; }

    public SinkReport Report => _status.Report;

    public long HeldBytes => _loop.HeldBytes;

    /// <summary>Turns the loop until <paramref name="seconds"/> of its clock have passed since its beginning; the bounds hold at every turn.</summary>
    public void RunUntil(double seconds) => RunWhile(() => _broker.Clock.Elapsed < TimeSpan.FromSeconds(seconds));

    /// <summary>Turns the loop until everything is accepted, for at most so many seconds of its clock.</summary>
    public void RunToEnd(double secondsMax)
    {
        var end = _broker.Clock.Elapsed + TimeSpan.FromSeconds(secondsMax);
        RunWhile(() => Report.Counts.Accepted < Deltas && _broker.Clock.Elapsed < end);
    }

    public void Dispose() => _loop.Dispose();

    private void RunWhile(Func<bool> goesOn)
    {
        while (goesOn())
        {
            _loop.Turn();
            if (_loop.HeldBytes > _options.BudgetBytes)
                throw new InvalidOperationException($"{_loop.HeldBytes} bytes are held, {_options.BudgetBytes} are allowed");
        }
    }

    private static void Append(SimulatedLog log, PipelineTopics topics, int users, int rounds)
    {
        using var writer = log.OpenWriter("feed");
        var topic = writer.Topic(topics.MembershipDeltas.Name);
        for (var number = 0; number < users * rounds; number++)
        {
            var version = (number / users) + 1;
            new SampleDelta($"user{number % users}", version, Change: version % 2 == 1 ? MembershipChange.Enter : MembershipChange.Exit).AppendTo(writer, topic);
        }

        writer.Commit(null, []);
    }
}
