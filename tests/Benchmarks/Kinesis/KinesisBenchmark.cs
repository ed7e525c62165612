using System.Globalization;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Kinesis;

/// <summary>What a sink delivers to a stream that takes all it gets: from the deltas to the last answer.</summary>
public sealed class KinesisBenchmark : IBenchmark
{
    private const int Partitions = 4;
    private const int Users = 10_000;
    private const int Rounds = 5;
    private const int PerRound = 200_000;
    private const int DeltasPerCommit = 10_000;
    private const string Properties = """{"plan":"pro","city":"berlin"}""";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly PipelineOptions Pipeline = new() { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = Partitions };
    private static readonly PipelineTopics Topics = Pipeline.Topics();

    private static readonly (string Name, string Id, string Fields)[] Cases =
    [
        ("one user a record, in order of user_id", "one", "identifier_field: user_id"),
        ("up to 100 users a record, random keys", "batched", ""),
    ];

    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _parts = [];
    private readonly List<string> _stages = [];
    private readonly List<string> _notes = [];

    public string Name => "kinesis";

    public string Title => "The Kinesis sink";

    public string Workload =>
        $"""
        {PerRound * (Rounds + 1):N0} deltas of {Users:N0} users, by turns enters and exits of one cohort with two properties, written before to {Partitions} partitions. A destination of format `amplitude-cohort` delivers them: the real loop,
        its client and signed calls, to `cohortctl dev kinesis --unlimited` with {KinesisProcess.Shards} shards, a process of its own on the same cores that checks every signature and keeps every record. {PerRound:N0} deltas do not count, then {Rounds} rounds of as many; a record of the
        table is a delta. The processor time is this process's; the server's is below, a broker's nowhere. No pace is set for the shards.
        """;

    public BenchmarkReport Run()
    {
        BenchmarkLogs.OnEach(MeasureOn, _notes);
        var last = _rows.Last(row => row.Case.StartsWith(Cases[0].Name, StringComparison.Ordinal));
        _notes.Insert(0, $"| processor time, µs a record | {string.Join(" | ", ProcessTimes.Parts)} | server |\n| --- |{string.Concat(Enumerable.Repeat(" ---: |", ProcessTimes.Parts.Length + 1))}\n{string.Join('\n', _parts)}");
        _notes.Insert(1, $"{SinkStages.Heading}\n{string.Join('\n', _stages)}\n\nThe rest of the loop's time is intake, responses and commits; *calls* are the SDK's signing (a hash of the body), HTTP and the system's sockets.");
        return new(_rows) { Notes = _notes, Summary = string.Create(CultureInfo.InvariantCulture, $"{last.PerSecond:N0} records/s") };
    }

    private void MeasureOn(string logName, ILog log)
    {
        BenchmarkLogs.Create(log, Topics.All);
        Write(log);
        foreach (var (name, id, fields) in Cases)
            MeasureAsync(log, $"{name}, {logName}", id, fields).GetAwaiter().GetResult();
    }

    private static void Write(ILog log)
    {
        using var writer = log.OpenWriter("bench.deltas");
        var topic = writer.Topic(Topics.MembershipDeltas.Name);
        for (var number = 0; number < PerRound * (Rounds + 1); number++)
        {
            var version = (number / Users) + 1;
            new SampleDelta($"user-{number % Users:d6}", version, "high-intent", version % 2 == 1 ? MembershipChange.Enter : MembershipChange.Exit, Properties).AppendTo(writer, topic);
            if ((number + 1) % DeltasPerCommit == 0 && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("the deltas were not committed");
        }
    }

    private async Task MeasureAsync(ILog log, string name, string id, string fields)
    {
        await using var kinesis = await KinesisProcess.StartAsync();
        var destination = kinesis.Destination(id, fields);
        OldDestination.Begin(log, Topics, id);
        var status = new SinkStatus(id, destination.Sink, TimeProvider.System);
        await using var sender = kinesis.Sender(destination);
        using var stop = new CancellationTokenSource(Limit);
        var ended = new TaskCompletionSource();
        var loop = new Thread(() => Deliver(log, destination, status, sender, ended, stop.Token)) { Name = ProcessTimes.LoopThread };
        loop.Start();
        await AcceptedAsync(status, PerRound, ended.Task);
        var (parts, server) = (ProcessTimes.OfParts(), kinesis.Cpu);
        var rounds = new List<Measurement>();
        for (var round = 1; round <= Rounds; round++)
        {
            var before = (status.Report.Counts.Accepted, Meter: Meter.Read());
            await AcceptedAsync(status, (round + 1) * PerRound, ended.Task);
            rounds.Add(before.Meter.Until(Meter.Read(), status.Report.Counts.Accepted - before.Accepted));
        }

        var records = rounds.Sum(round => round.Records);
        _rows.Add(new(name, Baseline: null, rounds));
        var after = ProcessTimes.OfParts();
        _parts.Add($"| {name} | {string.Join(" | ", ProcessTimes.Parts.Select(part => Text(after[part] - parts[part], records)))} | {Text(kinesis.Cpu - server, records)} |");
        await stop.CancelAsync();
        await ended.Task;
        _stages.Add(SinkStages.Row(name, log, Topics, destination, PerRound));
    }

    private static void Deliver(ILog log, KinesisDestination destination, SinkStatus status, KinesisSender sender, TaskCompletionSource ended, CancellationToken stop)
    {
        try
        {
            using var loop = new DeliveryLoop(new(log, Topics, new(), MemoryMemberSnapshots.Instance, TimeProvider.System, NullLogger.Instance), destination, status, DeliveryLife.Of(destination, sender, TimeProvider.System));
            loop.Run(stop);
            ended.SetResult();
        }
        catch (Exception exception)
        {
            ended.SetException(exception);
        }
    }

    private static async Task AcceptedAsync(SinkStatus status, long records, Task ended)
    {
        while (status.Report.Counts.Accepted < records)
        {
            if (ended.IsCompleted || status.Report.State == SinkState.Parked)
                throw new InvalidOperationException($"the sink does not deliver: {ended.Exception?.Message ?? status.Report.ToString()}");
            await Task.Delay(Look);
        }
    }

    private static string Text(TimeSpan cpu, long records) => (cpu.TotalMicroseconds / records).ToString("0.00", CultureInfo.InvariantCulture);
}
