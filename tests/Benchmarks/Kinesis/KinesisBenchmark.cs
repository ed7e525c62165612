using System.Globalization;
using Amazon.Kinesis;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Kinesis;

/// <summary>What a sink delivers to a stream that takes all it gets: from the deltas to the last answer.</summary>
public sealed class KinesisBenchmark : IBenchmark
{
    private const string Stream = "bench";
    private const int Partitions = 4;
    private const int Shards = 8;
    private const int Users = 10_000;
    private const int Rounds = 5;
    private const int PerRound = 200_000;
    private const int DeltasPerCommit = 10_000;

    /// <summary>More than any machine sends: what is measured is the sink, not its pace.</summary>
    private const string Unpaced = "shard_records_per_second: 1000000000\nshard_bytes_per_second: 1000000000\n";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly PipelineOptions Pipeline = new() { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = Partitions };
    private static readonly PipelineTopics Topics = Pipeline.Topics();

    private static readonly (string Name, string Id, string Fields)[] Cases =
    [
        ("one user a record, in order of user_id", "one", "identifier_field: user_id\n"),
        ("up to 100 users a record, random keys", "batched", ""),
    ];

    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];

    public string Name => "kinesis";

    public string Title => "The Kinesis sink";

    public string Workload =>
        $"""
        {PerRound * (Rounds + 1):N0} deltas of {Users:N0} users, by turns enters and exits of one cohort, written before to {Partitions} partitions; a destination of format `amplitude-cohort` delivers them to the local Kinesis
        with {Shards} shards, which checks signatures, keeps every record and runs in the same process: its work is in the processor time. {PerRound:N0} deltas do not count, then {Rounds} rounds of as many; a record of the table is a delta.
        No pace is set for the shards.
        """;

    public BenchmarkReport Run()
    {
        BenchmarkLogs.OnEach(MeasureOn, _notes);
        var last = _rows.Last(row => row.Case.StartsWith(Cases[0].Name, StringComparison.Ordinal));
        return new(_rows) { Notes = _notes, Summary = string.Create(CultureInfo.InvariantCulture, $"{last.PerSecond:N0} records/s") };
    }

    private void MeasureOn(string logName, ILog log)
    {
        BenchmarkLogs.Create(log, Topics.All);
        Write(log);
        foreach (var (name, id, fields) in Cases)
            _rows.Add(new($"{name}, {logName}", Baseline: null, MeasureAsync(log, id, fields).GetAwaiter().GetResult()));
    }

    private static void Write(ILog log)
    {
        using var writer = log.OpenWriter("bench.deltas");
        var topic = writer.Topic(Topics.MembershipDeltas.Name);
        for (var number = 0; number < PerRound * (Rounds + 1); number++)
        {
            var version = (number / Users) + 1;
            new SampleDelta($"user-{number % Users:d6}", version, Change: version % 2 == 1 ? MembershipChange.Enter : MembershipChange.Exit).AppendTo(writer, topic);
            if ((number + 1) % DeltasPerCommit == 0 && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("the deltas were not committed");
        }
    }

    private static async Task<List<Measurement>> MeasureAsync(ILog log, string id, string fields)
    {
        await using var kinesis = await LocalKinesis.StartAsync(new() { Rate = null });
        kinesis.Server.CreateStream(Stream, Shards);
        var reading = DestinationText.Read($"id: {id}\nsink: kinesis\ncohorts: [\"*\"]\nregion: us-east-1\nstream: {Stream}\nendpoint: {kinesis.Address}\nformat: amplitude-cohort\n{fields}{Unpaced}");
        var destination = (KinesisDestination)reading.Destinations[0];
        OldDestination.Begin(log, Topics, id);
        var status = new SinkStatus(id, destination.Sink, TimeProvider.System);
        await using var sender = new KinesisSender(Client(kinesis), destination, session: null);
        using var stop = new CancellationTokenSource(Limit);
        var running = OwnThread.Run(() =>
        {
            using var loop = new DeliveryLoop(new(log, Topics, new(), TimeProvider.System, NullLogger.Instance), destination, status, DeliveryLife.Of(destination, sender, TimeProvider.System));
            loop.Run(stop.Token);
        });
        var rounds = await RoundsAsync(status, running);
        await stop.CancelAsync();
        await running;
        return rounds;
    }

    private static AmazonKinesisClient Client(LocalKinesis kinesis)
    {
        var config = new AmazonKinesisConfig { ServiceURL = kinesis.Address.ToString(), AuthenticationRegion = "us-east-1" };
        Senders.Bound(config);
        return new(kinesis.Credentials, config);
    }

    private static async Task<List<Measurement>> RoundsAsync(SinkStatus status, Task running)
    {
        var rounds = new List<Measurement>();
        (long Accepted, Meter Meter)? last = null;
        for (var round = 1; round <= Rounds + 1; round++)
        {
            while (status.Report.Counts.Accepted < round * PerRound)
            {
                if (running.IsCompleted)
                    throw new InvalidOperationException($"the sink ended early: {running.Exception?.Message ?? status.Report.ToString()}");
                await Task.Delay(Look);
            }

            var now = (status.Report.Counts.Accepted, Meter.Read());
            if (last is { } before)
                rounds.Add(before.Meter.Until(now.Item2, now.Accepted - before.Accepted));
            last = now;
        }

        return rounds;
    }
}
