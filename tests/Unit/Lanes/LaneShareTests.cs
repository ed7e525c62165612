using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>When a lane says that it has joined: whoever rolls a release out goes on to the next instance then.</summary>
public sealed class LaneShareTests : IDisposable
{
    /// <summary>A partition is taken over on a thread of its own.</summary>
    private const int TurnsMax = 10_000;

    private static readonly TimeSpan ShareWait = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("lane-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>In a cooperative group what is meant for a newcomer has to be given up by others first.</summary>
    [Fact]
    public async Task A_newcomer_that_was_given_nothing_waits_for_its_share()
    {
        await using var log = EmbeddedLog.Open(_folder, TimeProvider.System);
        var pipeline = new PipelineOptions { Prefix = "share", Partitions = 1 };
        foreach (var topic in pipeline.Topics().All)
            await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);
        var time = new FakeTimeProvider();
        using var owner = Join(0);
        for (var turn = 0; !owner.IsJoined && turn < TurnsMax; turn++)
            owner.Turn();
        Assert.True(owner.IsJoined);

        using var newcomer = Join(1);
        newcomer.Turn();
        owner.Turn();
        newcomer.Turn();
        Assert.False(newcomer.IsJoined);
        time.Advance(ShareWait);
        newcomer.Turn();
        Assert.True(newcomer.IsJoined);

        Lane Join(int number)
        {
            var options = new LaneOptions { Group = "g", Topics = [pipeline.Topics().Activity.Name], TransactionalId = "g", IdleWait = TimeSpan.Zero };
            var lane = new Lane(log, options, number, _ => new EvaluatorProcessor(pipeline, new(), time, NullLogger.Instance), time, NullLogger.Instance, TestContext.Current.CancellationToken);
            lane.Begin();
            return lane;
        }
    }
}
