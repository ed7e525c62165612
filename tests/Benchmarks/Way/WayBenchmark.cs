using System.Globalization;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Memory;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Way;

/// <summary>How long an event takes on its whole way, from a producer's append until its delta can be read, through the services as they run.</summary>
public sealed class WayBenchmark : IBenchmark
{
    private const int Users = 100_000;
    private const int Seed = 37;
    private const int Before = 1_000_000;
    private const double IdleRate = 500;
    private const double BusyRate = 20_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(2);

    public string Name => "way";

    public string Title => "An event's whole way";

    public string Workload =>
        $"""
        A producer's events go through event-ingest and membership-evaluator, each a process of its own with its default settings, on a real Kafka beside them on the same cores: {Users:N0} users with {Before:N0} events
        behind them, 10 cohorts, three events in a hundred change the plan that cohorts look at. The producer writes in transactions, {SteadyFeed.IdleInterval.TotalMilliseconds:0} ms each at the lower rate and {SteadyFeed.Interval.TotalMilliseconds:0} ms at the higher one. The time is from the call that appends an event to `events` until a
        read-committed reader of `membership-deltas` has its delta: two hops, each with a transaction.
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
            var events = new ShopEvents(Users, Seed);
            using (var definitions = new ActivityFeed(scene.Log, scene.Topics.Activity.Name, new(Users, Seed)))
                definitions.Define(WorkloadCohorts.All());
            SourceFeed.Publish(scene.Log, scene.Events.Name, events, Before);
            var found = new List<Latency>();
            await scene.PeakAsync(
                "event-ingest",
                [],
                ingest => scene.PeakAsync(
                    "membership-evaluator",
                    [],
                    async evaluator =>
                    {
                        await scene.ReadToEndAsync(scene.Groups.EventIngest, scene.Events, ingest.Process, Deadline, CancellationToken.None);
                        await scene.ReadToEndAsync(scene.Groups.Evaluator, scene.Topics.Activity, evaluator.Process, Deadline, CancellationToken.None);
                        found.Add(Measure(scene, events, IdleRate));
                        found.Add(Measure(scene, events, BusyRate));
                    },
                    CancellationToken.None),
                CancellationToken.None);
            return new([])
            {
                Notes = [$"| events/s | deltas seen | median ms | p99 ms | slowest ms |\n| ---: | ---: | ---: | ---: | ---: |\n{string.Join('\n', found.Select(Row))}"],
                Summary = string.Create(CultureInfo.InvariantCulture, $"p99 {found[0].P99.TotalMilliseconds:0} ms idle, {found[1].P99.TotalMilliseconds:0} ms at {BusyRate:N0} events/s"),
            };
        }
        finally
        {
            await kafka.DisposeAsync();
        }
    }

    private static Latency Measure(ServiceScene scene, ShopEvents events, double rate)
    {
        using var source = new SourceFeed(scene.Log, scene.Events.Name, events);
        var feed = new SteadyFeed(stamp => source.Event(stamp), source.Commit, rate, (long)((Settling + Measured).TotalSeconds * rate));
        var sinceAppend = new List<long>();
        using var stop = new CancellationTokenSource();
        using var deltas = new DeltaReading(scene.Log, scene.Topics);
        var reading = OwnThread.Run(() => deltas.Run(Add, stop.Token));
        feed.Run(CancellationToken.None);
        Thread.Sleep(Draining);
        stop.Cancel();
        reading.Wait();
        return Latency.Of(rate, sinceAppend);

        void Add(long stamp, int partition, long now)
        {
            if (stamp > Settling.TotalSeconds * rate)
                sinceAppend.Add(now - feed.AppendedAt(stamp));
        }
    }

    private static string Row(Latency latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {latency.RatePerSecond:N0} | {latency.Samples:N0} | {latency.Median.TotalMilliseconds:0.0} | {latency.P99.TotalMilliseconds:0.0} | {latency.Slowest.TotalMilliseconds:0.0} |");
}
