using CohortPipeline.Hosting;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Shop;
using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>What a stage has shown to be the same records and the same deltas.</summary>
/// <param name="Fenced">Services that stopped because another owner had fenced them.</param>
internal sealed record ChaosStageResult(int Published, int Deltas, IReadOnlyList<string> Fenced);

/// <summary>One pipeline and some tens of points on it under load; then everything is compared.</summary>
/// <param name="folder">For the services' logs and what the sinks write.</param>
internal sealed class ChaosStage(ChaosCluster cluster, string folder, string protocol, int seed)
{
    private const int LogLinesShown = 12;

    /// <exception cref="ChaosFault">Something is lost, there twice or otherwise wrong; with the newest log lines of every service.</exception>
    public async Task<ChaosStageResult> RunAsync(IReadOnlyList<ChaosPoint> points, Action<ChaosPoint> begins, CancellationToken cancellation)
    {
        var settings = PipelineSettings.Kafka(cluster.ServiceServers, ClockKind.Wall, ChaosCluster.MemberSettings(protocol));
        await using var services = await KafkaServices.StartAsync(settings, cancellation, logFolder: folder);
        try
        {
            return await RunAsync(services, settings, points, begins, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            throw new ChaosFault($"{exception.Message}\n\n{LastLines(services)}", exception);
        }
    }

    private async Task<ChaosStageResult> RunAsync(KafkaServices services, PipelineSettings settings, IReadOnlyList<ChaosPoint> points, Action<ChaosPoint> begins, CancellationToken cancellation)
    {
        await using var log = SharedKafka.Open(cluster.TestServers);
        var output = new FileOutput(Path.Combine(folder, "destinations"));
        await services.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
        foreach (var destination in ShopDestinations.Definitions(output))
            await services.Control.AddDestinationAsync(destination, cancellation);

        var fleet = new ChaosFleet(services);
        await using var load = new ChaosLoad(new(settings, log, seed), cancellation);
        var acts = new ChaosActs(cluster, fleet, load);
        foreach (var point in points)
        {
            begins(point);
            await acts.DoAsync(point, cancellation);
        }

        await fleet.AllReadyAsync(cancellation);
        await load.StopAsync();
        await ShopRun.QuietAsync(services.Control, cancellation);
        await fleet.RestartEndedAsync(cancellation);
        var proof = await ShopProof.HoldsAsync(services, log, settings, output, mayRepeat: true, cancellation);
        return new(proof.Published.Count, proof.DeltaCount, fleet.Fenced);
    }

    private string LastLines(KafkaServices services)
    {
        var tails = services.Running.Select(running =>
        {
            var lines = services.ProcessOf(running.Service, running.Instance).Output.TrimEnd().Split('\n');
            return $"{running.Service}-{running.Instance}:\n  {string.Join("\n  ", lines.TakeLast(LogLinesShown))}";
        });
        return $"{string.Join("\n", tails)}\nThe whole logs lie in {folder}";
    }
}
