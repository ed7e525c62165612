using CohortPipeline.Hosting;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>Three evaluators restart one after the other while events come. How long deltas take meanwhile is a benchmark's matter.</summary>
public sealed class RollingRestartTests(SharedKafka kafka)
{
    private const int Seed = 21;
    private const int Users = 20_000;
    private const int Partitions = 6;
    private const int Evaluators = 3;
    private const int EventsAtOnce = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData]
    [InlineData("--Pipeline:StaticMembers=true")]
    [InlineData("--Kafka:group.protocol=consumer")]
    public async Task A_rolling_restart_loses_nothing_and_doubles_nothing(params string[] settings)
    {
        var pipeline = new PipelineOptions { Prefix = $"roll-{Guid.NewGuid():N}", Partitions = Partitions, Clock = ClockKind.Record };
        var topics = pipeline.Topics();
        await using var log = await kafka.OpenAsync();
        foreach (var topic in topics.All)
            await log.Admin.CreateAsync(topic, Cancellation);
        using var feed = new ActivityFeed(log, topics.Activity.Name, new(Users, Seed));
        feed.Define(WorkloadCohorts.All());
        feed.IntroduceUsers();

        await using var fleet = new ServiceFleet(ServiceFleet.Evaluator, await kafka.ServersAsync(), pipeline, settings);
        for (var instance = 0; instance < Evaluators; instance++)
            fleet.Start(instance);
        for (var instance = 0; instance < Evaluators; instance++)
            await fleet.ReadyAsync(instance, Cancellation);
        await WhileFedAsync(feed, () => fleet.RollAsync(Cancellation));

        var activity = await LogDump.TopicAsync(log, topics.Activity.Name, Cancellation);
        var proof = new EvaluationProof(log, topics, new() { RecordClock = true, SourceTopics = [ActivityFeed.SourceTopic] }, activity);
        await Eventually.HoldsAsync(
            async token => await proof.DifferencesAsync(token) is { Count: > 0 } differences ? string.Join('\n', differences) : null,
            Deadline,
            Cancellation);
        Assert.True(proof.DeltaCount > 0, "nobody moved: the test proves nothing");
    }

    private static async Task WhileFedAsync(ActivityFeed feed, Func<Task> action)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var feeding = Task.Run(
            async () =>
            {
                using var timer = new PeriodicTimer(Interval);
                while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(Cancellation))
                    feed.Events(EventsAtOnce);
            },
            Cancellation);
        try
        {
            await action();
        }
        finally
        {
            await stop.CancelAsync();
            await feeding;
        }
    }
}
