using System.Globalization;
using CohortPipeline.Benchmarks.Workload;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Rebalance;

/// <summary>What users see of partitions that move: the latency of deltas while a large partition is restored, and while evaluators restart.</summary>
public sealed class RebalanceBenchmark : IBenchmark
{
    private const int Seed = 12;
    private const double Rate = 5_000;

    private const int RestorePartitions = 4;
    private const int RestoreEvaluators = 2;
    private const int Heavy = 0;
    private const int Restores = 5;

    private const int RestartPartitions = 12;
    private const int RestartEvaluators = 3;
    private const int RestartProfiles = 100_000;

    private const string ConsumerProtocol = "--Kafka:group.protocol=consumer";
    private const string StaticMembers = "--Pipeline:StaticMembers=true";

    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    /// <summary>What is appended last in the steady time must not wait for what is done after it.</summary>
    private static readonly TimeSpan Clearance = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan P99Max = TimeSpan.FromSeconds(5);

    private readonly int _profiles = ProfileCount.FromEnvironment();
    private readonly List<string> _rows = [];
    private readonly List<string> _faults = [];
    private long _deltas;
    private string _summary = "";

    public string Name => "rebalance";

    public string Title => "Partitions that move under load";

    public string Workload =>
        $"""
        Evaluators run as processes with the service's own settings on a real Kafka with its own settings of sessions, all on the machine's two cores with a feed of {Rate:N0} events/s (seed {Seed}, the events and the 10 cohorts of
        [the evaluator's page](evaluator.md)) in transactions of {SteadyFeed.Interval.TotalMilliseconds:0} ms and a reader of `membership-deltas`. The latency is that from an event's append to `activity`, the rest of its
        transaction included, until the reader has its delta; of the events that were appended while it was done. Before it, the same for {Steady.TotalSeconds:0} s.

        **Restored**: {RestoreEvaluators} evaluators, {RestorePartitions} partitions, one with {_profiles:N0} profiles (`{ProfileCount.Variable}=50000` for others). The owner of that one is ended by SIGTERM, so that the other evaluator restores it, and its other partitions beside:
        counted are the deltas of the partitions that the other evaluator had already, from the signal until the large partition has a delta of an event after the owner's end. Then the one that was ended starts again; {Restores} times.

        **Restarted**: {RestartEvaluators} evaluators, {RestartPartitions} partitions, {RestartProfiles:N0} profiles before the load. One after the other gets SIGTERM, ends, is started again and says that it is ready; or one gets kill -9 and is started again. Counted are the deltas of all partitions,
        from the first signal until all are ready and every partition has deltas of events after that. Members are those of the classic protocol (cooperative) or of KIP-848, and dynamic (as shipped) or static (`Pipeline:StaticMembers`).

        After each case the deltas and the members' rows are held against the oracle of the tests, which evaluates all of `activity` the slow way: nothing may be missing, other or twice. p99 in a rolling restart may be {P99Max.TotalSeconds:0} s at most, or the run fails.
        """;

    public BenchmarkReport Run() => RunAsync().GetAwaiter().GetResult();

    private async Task<BenchmarkReport> RunAsync()
    {
        var kafka = new SharedKafka();
        try
        {
            var (servers, whyNot) = await kafka.FindAsync();
            if (servers is null)
                return new([]) { Notes = [$"Kafka was left out: {whyNot}."] };
            await MeasureRestoresAsync(servers);
            await MeasureRestartsAsync(servers);
        }
        finally
        {
            await kafka.DisposeAsync();
        }

        return new([])
        {
            Notes =
            [
                "| case | took s | deltas | median ms | p99 ms | slowest ms | p99 before, ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" + string.Join('\n', _rows),
                $"{_deltas.ToString("N0", CultureInfo.InvariantCulture)} deltas in all were the oracle's own, and nothing beside them was there.",
            ],
            Fault = _faults.Count > 0 ? string.Join("; ", _faults) : null,
            Summary = _summary,
        };
    }

    private async Task MeasureRestoresAsync(string servers)
    {
        var events = new ShopEvents(_profiles * RestorePartitions * 2, Seed);
        await using var scene = await RebalanceScene.StartAsync(
            servers, RestorePartitions, RestoreEvaluators, [], events, feed => feed.IntroduceUsersOf(Heavy, _profiles), Rate);
        var spans = new List<(Span Before, Span During, HashSet<int> Partitions)>();
        for (var round = 0; round < Restores; round++)
        {
            var before = await SteadyAsync();
            var owners = await scene.OwnersAsync();
            var owner = owners[Heavy];
            var during = await RebalanceScene.SpanAsync(async () =>
            {
                await scene.Fleet.StopAsync(owner, CancellationToken.None);
                await scene.SeenInAsync(Heavy);
            });
            spans.Add((before, during, [.. owners.Where(pair => pair.Value != owner).Select(pair => pair.Key)]));
            scene.Fleet.Start(owner);
            await scene.SettledAsync();
        }

        _deltas += await scene.ProveAsync();
        var restored = spans.SelectMany(span => scene.Deltas.Where(delta => span.During.Holds(delta.Appended) && span.Partitions.Contains(delta.Partition)));
        var steady = spans.SelectMany(span => scene.Deltas.Where(delta => span.Before.Holds(delta.Appended) && span.Partitions.Contains(delta.Partition)));
        var latency = AddRow($"{_profiles:N0} profiles are restored", spans.Select(span => span.During), restored, steady);
        _summary = string.Create(CultureInfo.InvariantCulture, $"p99 {latency.P99.TotalMilliseconds:0} ms while {_profiles:N0} profiles are restored");
    }

    private async Task MeasureRestartsAsync(string servers)
    {
        var shipped = await MeasureAsync(servers, "rolling restart", [], scene => scene.Fleet.RollAsync(CancellationToken.None), P99Max);
        await MeasureAsync(servers, "rolling restart, static", [StaticMembers], scene => scene.Fleet.RollAsync(CancellationToken.None), P99Max);
        await MeasureAsync(servers, "rolling restart, KIP-848", [ConsumerProtocol], scene => scene.Fleet.RollAsync(CancellationToken.None), P99Max);
        await MeasureAsync(servers, "rolling restart, KIP-848, static", [ConsumerProtocol, StaticMembers], scene => scene.Fleet.RollAsync(CancellationToken.None), P99Max);
        await MeasureAsync(servers, "kill -9", [], KillAsync, p99Max: null);
        await MeasureAsync(servers, "kill -9, static", [StaticMembers], KillAsync, p99Max: null);
        _summary += string.Create(CultureInfo.InvariantCulture, $", {shipped.P99.TotalMilliseconds:0} ms in a rolling restart");
    }

    private async Task<Latency> MeasureAsync(string servers, string name, IReadOnlyList<string> settings, Func<RebalanceScene, Task> act, TimeSpan? p99Max)
    {
        await using var scene = await RebalanceScene.StartAsync(
            servers, RestartPartitions, RestartEvaluators, settings, new(RestartProfiles, Seed), feed => feed.IntroduceUsers(), Rate);
        var before = await SteadyAsync();
        var during = await RebalanceScene.SpanAsync(async () =>
        {
            await act(scene);
            await scene.SeenAsync();
        });
        _deltas += await scene.ProveAsync();
        var latency = AddRow(name, [during], scene.Deltas.Where(delta => during.Holds(delta.Appended)), scene.Deltas.Where(delta => before.Holds(delta.Appended)));
        if (latency.P99 > p99Max)
            _faults.Add(string.Create(CultureInfo.InvariantCulture, $"p99 {latency.P99.TotalMilliseconds:N0} ms in a {name}, above {p99Max.Value.TotalMilliseconds:N0} ms"));
        return latency;
    }

    private static async Task<Span> SteadyAsync()
    {
        var span = await RebalanceScene.SpanAsync(() => Task.Delay(Steady));
        await Task.Delay(Clearance);
        return span;
    }

    private static async Task KillAsync(RebalanceScene scene)
    {
        await scene.Fleet.KillAsync(0);
        scene.Fleet.Start(0);
        await scene.Fleet.ReadyAsync(0, CancellationToken.None);
    }

    private Latency AddRow(string name, IEnumerable<Span> spans, IEnumerable<SeenDelta> measured, IEnumerable<SeenDelta> before)
    {
        var latency = Of(measured);
        _rows.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {string.Join(", ", spans.Select(span => span.Length.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)))} | {latency.Samples:N0} | {latency.Median.TotalMilliseconds:N0} | {latency.P99.TotalMilliseconds:N0} | {latency.Slowest.TotalMilliseconds:N0} | {Of(before).P99.TotalMilliseconds:N0} |"));
        Console.Error.WriteLine(_rows[^1]);
        return latency;
    }

    private static Latency Of(IEnumerable<SeenDelta> deltas) => Latency.Of(Rate, [.. deltas.Select(delta => delta.Seen - delta.Appended)]);
}
