using System.Diagnostics;
using System.Globalization;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Memory;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Running;

/// <summary>What services allocate a record while they run, by what they say of themselves: processes of their own on a real Kafka, in the middle of a backlog.</summary>
public sealed class RunningBenchmark : IBenchmark
{
    private const int Records = 8_000_000;

    /// <summary>Four events a user and day: at <see cref="From"/> the workload's longest window, seven days, has been full for long, and profiles do not grow any more.</summary>
    private const int Users = 50_000;

    private const int Seed = 31;
    private const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";

    /// <summary>Of the backlog: where measuring begins, and where it ends.</summary>
    private const double From = 0.5;
    private const double To = 0.95;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private static readonly string[] Prometheus = ["--Telemetry:Prometheus=true"];

    public string Name => "running";

    public string Title => "What running services allocate";

    public string Workload =>
        $"""
        {Records:N0} records of {Users:N0} users wait in the producers' topic for event-ingest, then in `activity` for the evaluator with 10 cohorts: real processes with their default settings, but for `Telemetry:Prometheus`. Once {From:P0} of the backlog are committed
        `/metrics` is asked for `{Allocated}`, and again at {To:P0}: the bytes between, answers and metrics included, by the records between. Windows of seven days are full long before, so that profiles do not grow meanwhile.
        """;

    public BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync()
    {
        var kafka = new SharedKafka();
        try
        {
            var (servers, whyNot) = await kafka.FindAsync();
            if (servers is null)
                return new([]) { Notes = [$"Kafka was left out: {whyNot}."] };
            await using var scene = await ServiceScene.CreateAsync(servers, CancellationToken.None);
            using (var feed = new ActivityFeed(scene.Log, scene.Topics.Activity.Name, new(Users, Seed)))
                feed.Define(WorkloadCohorts.All());
            SourceFeed.Publish(scene.Log, scene.Events.Name, new(Users, Seed), Records);
            var ingest = await MeasureAsync(scene, "event-ingest", scene.Groups.EventIngest, scene.Events);
            var evaluator = await MeasureAsync(scene, "membership-evaluator", scene.Groups.Evaluator, scene.Topics.Activity);
            return new([])
            {
                Notes = [$"| service | records/s | allocated B/record |\n| --- | ---: | ---: |\n{ingest.Row}\n{evaluator.Row}"],
                Summary = string.Create(CultureInfo.InvariantCulture, $"{ingest.BytesPerRecord:0.0} B a record in ingest, {evaluator.BytesPerRecord:0.0} B in the evaluator"),
            };
        }
        finally
        {
            await kafka.DisposeAsync();
        }
    }

    private static async Task<Allocation> MeasureAsync(ServiceScene scene, string service, string group, TopicSpec topic)
    {
        Allocation? measured = null;
        var end = (await scene.Log.Admin.EndOffsetsAsync(topic.Name, Isolation.Committed, CancellationToken.None)).Sum();
        await scene.PeakAsync(service, Prometheus, Measure, CancellationToken.None);
        return measured!;

        async Task Measure(RunningService running)
        {
            using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{running.Port}") };
            var from = await SampleAsync(From);
            var to = await SampleAsync(To);
            var records = to.Records - from.Records;
            measured = new(service, records / Stopwatch.GetElapsedTime(from.At, to.At).TotalSeconds, (to.Bytes - from.Bytes) / records);
            await scene.ReadToEndAsync(group, topic, running.Process, Deadline, CancellationToken.None);

            async Task<(double Records, double Bytes, long At)> SampleAsync(double share)
            {
                var committed = 0L;
                await Eventually.HoldsAsync(
                    async token =>
                    {
                        committed = (await scene.Log.Admin.CommittedAsync(group, topic.Name, token)).Sum(position => Math.Max(0, position.Offset));
                        return committed >= share * end ? null : $"{committed} of {end}";
                    },
                    Deadline,
                    CancellationToken.None);
                var line = (await http.GetStringAsync("/metrics")).Split('\n').First(line => line.StartsWith(Allocated, StringComparison.Ordinal));
                var fields = line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return (committed, double.Parse(fields[line.Contains('{', StringComparison.Ordinal) ? 0 : 1], CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
            }
        }
    }

    private sealed record Allocation(string Service, double PerSecond, double BytesPerRecord)
    {
        public string Row => string.Create(CultureInfo.InvariantCulture, $"| {Service} | {PerSecond:N0} | {BytesPerRecord:0.0} |");
    }
}
