using CohortPipeline.Kinesis.Local;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>One destination of one pipeline, its stream, and the processes that serve it, to which things are done by a seed while deltas come.</summary>
internal sealed class SignalledSinks(ILog log, string servers, int seed)
{
    private const int Users = 400;
    private const int ChangesAtPoint = 2;

    /// <summary>What Kafka gives up a member after, as low as brokers take it.</summary>
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly string[] Settings =
    [
        "--Sink:StallMax=00:00:05",
        $"--Kafka:session.timeout.ms={SessionTimeout.TotalMilliseconds:0}",
        "--Kafka:heartbeat.interval.ms=500",
    ];

    private readonly Random _random = new(seed);

    private enum Act
    {
        Kill,
        Freeze,
        Scale,
    }

    /// <summary>Does something at each point, in the middle of its deltas, and holds what the stream's owner has in the end against what was sent.</summary>
    /// <returns>How many deltas were sent, and how many records came again.</returns>
    public async Task<(int Sent, int Repeats)> RunAsync(int points, CancellationToken cancellation)
    {
        var kinesis = new KinesisServerOptions
        {
            Faults = new RandomFaults((ulong)seed, new() { FailedEntries = 0.2, Unanswered = 0.02, Late = 0.01, LatenessMax = TimeSpan.FromSeconds(1) }),
            Rate = new(800, 1024 * 1024),
        };
        await using var scene = await KinesisSinkScene.CreateAsync(log, servers, kinesis, "records_per_request: 40\n", Settings, cancellation);
        await scene.StartAsync(0, cancellation);
        for (var point = 0; point < points; point++)
        {
            if (point == points / 3)
                await scene.SplitAsync(cancellation);
            else if (point == points * 2 / 3)
                await scene.MergeAsync(cancellation);
            await DoAsync(scene, point, cancellation);
        }

        return (scene.SentCount, await scene.ReceiveAsync(Deadline, cancellation));
    }

    private async Task DoAsync(KinesisSinkScene scene, int point, CancellationToken cancellation)
    {
        var act = _random.Next(10) switch
        {
            < 6 => Act.Kill,
            < 8 => Act.Freeze,
            _ => Act.Scale,
        };
        if (act != Act.Kill)
            await scene.StartAsync(1, cancellation);

        var stored = scene.Kinesis.Server.StoredRecords(KinesisSinkScene.Stream);
        var deltas = Enumerable.Range(1, ChangesAtPoint).SelectMany(change => SentDeltas.Changes(Users, (point * ChangesAtPoint) + change)).ToList();
        scene.Send(deltas);
        await scene.StoredAsync(stored + _random.Next(deltas.Count) + 1, Deadline, cancellation);
        await (act switch
        {
            Act.Kill => RestartAsync(scene),
            Act.Freeze => FreezeAsync(scene, cancellation),
            _ => scene.Fleet.StopAsync(1, cancellation),
        });
    }

    private static async Task RestartAsync(KinesisSinkScene scene)
    {
        await scene.Fleet.KillAsync(0);
        scene.Fleet.Start(0);
    }

    /// <summary>One of two stands still for longer than its session, and does not know when it goes on.</summary>
    private async Task FreezeAsync(KinesisSinkScene scene, CancellationToken cancellation)
    {
        scene.Fleet.ProcessOf(0).Freeze();
        await Task.Delay(SessionTimeout + TimeSpan.FromMilliseconds(_random.Next(500, 2_000)), cancellation);
        scene.Fleet.ProcessOf(0).Thaw();
        await scene.Fleet.ReadyAsync(0, cancellation);
        await scene.Fleet.StopAsync(1, cancellation);
    }
}
