using System.Globalization;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Ingest;

/// <summary>Event ingest, as its service runs it, against the least that a lane can do.</summary>
public sealed class IngestBenchmark : IBenchmark
{
    private const int Users = 200_000;
    private const int Seed = 12;
    private const int Partitions = 4;
    private const int Rounds = 5;
    private const long PerRound = 300_000;
    private const long WarmUp = 300_000;

    private static readonly PipelineOptions Pipeline = new() { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = Partitions };

    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _stages = [];

    public string Name => "ingest";

    public string Title => "Event ingest";

    public string Workload =>
        $"""
        One lane of event-ingest with the service's own settings from a producers' topic of {Partitions} partitions to `activity`: events in the plain shape, seeded (seed {Seed}), {Users:N0} users drawn evenly, written before.
        {WarmUp:N0} records do not count, then {Rounds} rounds of {PerRound:N0}. The copy is the same lane over the same records with a processor that only writes each again: the floor of log and transactions.
        The processor time is this process's, a broker's is not in it.
        """;

    public BenchmarkReport Run()
    {
        BenchmarkLogs.OnEach(MeasureOn, _notes);
        return new(_rows)
        {
            Notes = [string.Join('\n', [StageTimes.Heading, .. _stages]), .. _notes],
            Summary = string.Create(CultureInfo.InvariantCulture, $"{_rows[^1].PerSecond:N0} records/s, {1_000_000 / _rows[^1].CpuMicrosecondsPerRecord:N0} a core"),
        };
    }

    private void MeasureOn(string logName, ILog log)
    {
        var topics = Pipeline.Topics();
        var source = new TopicSpec(topics.Named("events"), Partitions, TopicCleanup.Delete);
        var copy = new TopicSpec(topics.Named("copy"), Partitions, TopicCleanup.Delete);
        BenchmarkLogs.Create(log, [.. topics.All, source, copy]);
        var run = new LaneRun(WarmUp, PerRound, Rounds);
        var valueBytes = SourceFeed.Publish(log, source.Name, new(Users, Seed), run.Total);

        var copied = run.Measure(log, LaneRun.Options(topics.Named("bench-copy"), source.Name), () => new CopyProcessor(copy.Name));
        AddRow($"copy, {logName}", baseline: null, copied);
        var group = IngestSource.Events.Group(topics);
        var ingested = run.Measure(log, LaneRun.Options(group, source.Name), () =>
            new IngestProcessor(new(), topics, IngestSource.Events.Service, group, log.Admin, TimeProvider.System, NullLogger.Instance));
        AddRow($"ingest, {logName}", $"copy, {logName}", ingested);
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"On {logName}: values of {valueBytes:0} B on average."));
    }

    private void AddRow(string name, string? baseline, LaneMeasurements measured)
    {
        _rows.Add(new(name, baseline, measured.Rounds));
        _stages.Add(measured.Stages.Row(name, measured.Rounds.Sum(round => round.Records)));
    }
}
