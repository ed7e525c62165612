using System.Globalization;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Benchmarks.Replay;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit.Workload;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Evaluator;

/// <summary>The whole evaluator, as its service runs it, against the least that a lane can do.</summary>
public sealed class EvaluatorBenchmark : IBenchmark
{
    private const string LanesVariable = "LANES";
    private const int LanesDefault = 2;
    private const int Seed = 12;
    private const int Partitions = 4;
    private const int Rounds = 5;
    private const long PerRound = 300_000;
    private const double IdleRate = 500;
    private const double BusyRate = 50_000;

    private static readonly PipelineOptions Pipeline = new() { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = Partitions, Clock = ClockKind.Record };
    private static readonly PipelineTopics Topics = Pipeline.Topics();
    private static readonly int Lanes = NumberFrom(LanesVariable, LanesDefault);
    private static readonly LaneOptions EvaluatorOptions = LaneRun.Options(EvaluatorProcessor.GroupOf(Topics), Topics.Activity.Name, Lanes);

    private static readonly TimeSpan BusySettling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan IdleSettling = TimeSpan.FromSeconds(30);

    private readonly int _profiles = ProfileCount.FromEnvironment();
    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _stages = [];

    public string Name => "evaluator";

    public string Title => "The whole evaluator";

    public string Workload =>
        $"""
        {_profiles:N0} profiles (`make bench WHAT=evaluator {ProfileCount.Variable}=200000` for others), 10 cohorts, lanes: {Lanes} (`{LanesVariable}=1` for others) on {Partitions} partitions with the service's own settings: a transaction of deltas,
        membership rows, changelog and positions about every 100 ms. `activity` is written before, seeded (seed {Seed}): the cohorts, a first record of each user with four properties, and a day of {ShopEvents.PerUserAndDay} events a user,
        which do not count; then {Rounds} rounds of {PerRound:N0} events. The users are drawn evenly, so that nearly every event is a profile in the changelog. Event time runs on so that windows slide and timers fire.
        The copy is the same lanes over the same records with a processor that only writes each again: the floor of log and transactions. The bare loop does that
        without a lane, with librdkafka's same calls and settings: what client and broker take by themselves, to which one lane's copy is held. Without a log there is one lane, the records lie in memory and nothing is written:
        what is left is the evaluator's own.
        Then events come at {BusyRate:N0}/s, and at {IdleRate:N0}/s, in transactions of {SteadyFeed.Interval.TotalMilliseconds:0} and {SteadyFeed.IdleInterval.TotalMilliseconds:0} ms from the same process, for {DeltaLatency.Measured.TotalSeconds:0} s behind {BusySettling.TotalSeconds:0} and {IdleSettling.TotalSeconds:0} s that do not count (a broker is not idle at once behind the load of before): the latency is that from an event's append
        to `activity`, the rest of its transaction included, until a reader of `membership-deltas` has its delta. A timer's delta has no event and is left out. The processor time is this process's, a broker's is not in it.

        ```yaml
        {WorkloadCohorts.Text}
        ```
        """;

    public BenchmarkReport Run()
    {
        MeasureWithoutLog();
        BenchmarkLogs.OnEach(MeasureOn, _notes);
        var last = _rows.Last(row => row.Latency is not null);
        return new(_rows)
        {
            Notes = [string.Join('\n', [StageTimes.Heading, .. _stages]), .. _notes],
            Summary = string.Create(CultureInfo.InvariantCulture, $"{last.PerSecond:N0} events/s, p99 {last.Latency!.P99.TotalMilliseconds:0} ms"),
        };
    }

    private void MeasureWithoutLog()
    {
        var log = new ReplayLog(Topics.Activity.Name, Partitions);
        using var feed = new ActivityFeed(log, Topics.Activity.Name, new(_profiles, Seed));
        var run = Publish(feed);
        AddRow("evaluator, no log", baseline: null, run.Measure(log, LaneRun.Options(EvaluatorOptions.Group, Topics.Activity.Name), Evaluator), latency: null);
        var budget = new StepBudget(WorkloadCohorts.All());
        _notes.Add($"{StepBudget.Heading}\n{budget.Measure(log.Partitions[0], (double)run.WarmUp / run.Total)}\n\nThe parts of `process` on one partition's records, with a look at a clock between them; deltas, rows and the lane's own timers are not in them.");
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"A profile takes {budget.BytesPerProfile:0} B of memory, with its key and its share of the index, and {budget.BytesWritten:0} B as a value of the changelog."));
        log.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void MeasureOn(string logName, ILog log)
    {
        var topics = Topics;
        var copy = new TopicSpec(topics.Named("copy"), Partitions, TopicCleanup.Delete);
        BenchmarkLogs.Create(log, [.. topics.All, copy]);
        using var feed = new ActivityFeed(log, topics.Activity.Name, new(_profiles, Seed));
        var run = Publish(feed);
        var valueBytes = feed.MeanBytes;

        if (log is KafkaLog kafka)
            MeasureBare(kafka, run, copy.Name);
        var copied = run.Measure(log, LaneRun.Options(topics.Named("bench-copy"), topics.Activity.Name, Lanes), () => new CopyProcessor(copy.Name));
        AddRow($"copy, {logName}", baseline: null, copied, latency: null);
        var evaluated = run.Measure(log, EvaluatorOptions, Evaluator);
        var deltas = DeltaCount.Of(log, topics);
        var idle = LatencyAt(IdleRate, IdleSettling);
        var busy = LatencyAt(BusyRate, BusySettling);
        AddRow($"evaluator, {logName}", $"copy, {logName}", evaluated, busy.FromAppend);
        foreach (var found in new[] { idle, busy })
            _notes.Add($"On {logName}: {Text(found.FromAppend)} from an event's append; {Text(found.FromVisible)} from the end of its transaction, when it can be read; {Text(found.FromDue)} from when it was due.");
        _notes.Add(string.Create(CultureInfo.InvariantCulture, $"On {logName}: values of {valueBytes:0} B on average, {run.Total:N0} records made {deltas.All:N0} deltas, {deltas.All * 100.0 / run.Total:0.0} of 100; {deltas.OfEvents * 100.0 / run.Total:0.0} at an event and the others by time alone."));

        DeltaLatencies LatencyAt(double rate, TimeSpan settling) => new DeltaLatency(log, topics, EvaluatorOptions, Evaluator, feed, rate, settling).Measure();
    }

    /// <summary>The bare loop, and one lane that does the same.</summary>
    private void MeasureBare(KafkaLog log, LaneRun run, string copy)
    {
        const string Case = "bare loop, Kafka";
        using (var bare = new BareCopy(log, run, LaneRun.Options(Topics.Named("bench-bare"), Topics.Activity.Name, lanes: 1), copy, Partitions))
            _rows.Add(new(Case, Baseline: null, bare.Measure()));
        AddRow("one lane's copy, Kafka", Case, run.Measure(log, LaneRun.Options(Topics.Named("bench-one"), Topics.Activity.Name, lanes: 1), () => new CopyProcessor(copy)), latency: null);
    }

    /// <summary>Everything that is measured and what comes before it.</summary>
    private LaneRun Publish(ActivityFeed feed)
    {
        feed.Define(WorkloadCohorts.All());
        feed.IntroduceUsers();
        feed.Events((long)_profiles * ShopEvents.PerUserAndDay);
        var run = new LaneRun(feed.Published, PerRound, Rounds);
        feed.Events(PerRound * Rounds);
        return run;
    }

    private static EvaluatorProcessor Evaluator() => new(Pipeline, new(), TimeProvider.System, NullLogger.Instance);

    private void AddRow(string name, string? baseline, LaneMeasurements measured, Latency? latency)
    {
        _rows.Add(new(name, baseline, measured.Rounds) { Latency = latency });
        _stages.Add(measured.Stages.Row(name, measured.Rounds.Sum(round => round.Records)));
    }

    private static string Text(Latency latency) =>
        string.Create(CultureInfo.InvariantCulture, $"at {latency.RatePerSecond:N0} events/s median {latency.Median.TotalMilliseconds:0.0} ms, p99 {latency.P99.TotalMilliseconds:0.0} ms ({latency.Samples:N0} deltas)");

    private static int NumberFrom(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
}
