using System.Diagnostics;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;

namespace CohortPipeline.Benchmarks.Rebalance;

/// <summary>A pipeline of its own on Kafka under a steady load: topics, users, evaluators as processes, and a watch on their deltas.</summary>
internal sealed class RebalanceScene : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _servers;
    private readonly ILog _log;
    private readonly PipelineTopics _topics;
    private readonly ActivityFeed _feed;
    private DeltaWatch? _watch;

    private RebalanceScene(string servers, PipelineOptions pipeline, int evaluators, IReadOnlyList<string> settings, ShopEvents events)
    {
        _servers = servers;
        _topics = pipeline.Topics();
        _log = SharedKafka.Open(servers);
        BenchmarkLogs.Create(_log, _topics.All);
        _feed = new(_log, _topics.Activity.Name, events);
        Fleet = new(ServiceFleet.Evaluator, servers, pipeline, settings);
        Evaluators = evaluators;
    }

    public ServiceFleet Fleet { get; }

    public int Evaluators { get; }

    public IReadOnlyList<SeenDelta> Deltas => Watch.Deltas;

    private DeltaWatch Watch => _watch ?? throw new InvalidOperationException("the scene has not begun");

    /// <summary>Begins, and waits until every partition makes deltas.</summary>
    /// <param name="settings">What the evaluators are told beside their names.</param>
    /// <param name="introduce">Publishes the users that are known before the load.</param>
    public static async Task<RebalanceScene> StartAsync(
        string servers, int partitions, int evaluators, IReadOnlyList<string> settings, ShopEvents events, Action<ActivityFeed> introduce, double ratePerSecond)
    {
        var pipeline = new PipelineOptions { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = partitions, Clock = ClockKind.Record };
        var scene = new RebalanceScene(servers, pipeline, evaluators, settings, events);
        try
        {
            scene._feed.Define(WorkloadCohorts.All());
            introduce(scene._feed);
            for (var instance = 0; instance < evaluators; instance++)
                scene.Fleet.Start(instance);
            for (var instance = 0; instance < evaluators; instance++)
                await scene.Fleet.ReadyAsync(instance, CancellationToken.None);
            scene._watch = new(scene._log, scene._topics, scene._feed, ratePerSecond);
            await scene.SettledAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every partition has the delta of an event that was appended after the call.</summary>
    public Task SeenAsync() => Watch.SeenInAsync(Enumerable.Range(0, _topics.PartitionCount));

    /// <summary>Waits until every evaluator has as many partitions as the next one, and each of them makes deltas.</summary>
    public async Task SettledAsync()
    {
        await Eventually.HoldsAsync(
            async _ => await OwnersAsync() is var owners && owners.GroupBy(owner => owner.Value).Count(own => own.Count() == _topics.PartitionCount / Evaluators) == Evaluators
                ? null
                : $"the partitions are {string.Join(", ", owners.Select(owner => $"{owner.Key}: {owner.Value}"))}",
            Patience,
            CancellationToken.None);
        await SeenAsync();
    }

    public Task SeenInAsync(int partition) => Watch.SeenInAsync([partition]);

    /// <summary>The ordinal of each partition's evaluator.</summary>
    public async Task<IReadOnlyDictionary<int, int>> OwnersAsync()
    {
        var owners = await GroupOwners.OfAsync(_servers, EvaluatorProcessor.GroupOf(_topics));
        var instances = Enumerable.Range(0, Evaluators).ToDictionary(instance => ServiceFleet.ClientId(ServiceFleet.Evaluator, instance));
        return owners.ToDictionary(owner => owner.Key, owner => instances[owner.Value]);
    }

    /// <summary>The time that an action takes.</summary>
    public static async Task<Span> SpanAsync(Func<Task> action)
    {
        var begin = Stopwatch.GetTimestamp();
        await action();
        return new(begin, Stopwatch.GetTimestamp());
    }

    /// <summary>Ends the load and holds the deltas and members against the oracle; answers how many deltas there are.</summary>
    /// <exception cref="TimeoutException">Something is missing, or there twice.</exception>
    public async Task<int> ProveAsync()
    {
        var deltas = 0;
        await Watch.StopAsync(async () =>
        {
            var activity = await LogDump.TopicAsync(_log, _topics.Activity.Name, CancellationToken.None);
            var proof = new EvaluationProof(_log, _topics, new() { RecordClock = true, SourceTopics = [ActivityFeed.SourceTopic] }, activity);
            await Eventually.HoldsAsync(
                async token => await proof.DifferencesAsync(token) is { Count: > 0 } differences ? string.Join('\n', differences) : null,
                Patience,
                CancellationToken.None);
            deltas = proof.DeltaCount;
        });
        return deltas;
    }

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        await Fleet.DisposeAsync();
        _feed.Dispose();
        await _log.DisposeAsync();
    }
}

/// <summary>From a timestamp to another.</summary>
internal readonly record struct Span(long Begin, long End)
{
    public TimeSpan Length => Stopwatch.GetElapsedTime(Begin, End);

    public bool Holds(long timestamp) => timestamp >= Begin && timestamp < End;
}
