using CohortPipeline.Hosting;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The same records, the same deltas: every service a process of its own on a real Kafka, held against the oracle.</summary>
public sealed class KafkaPipelineTests(SharedKafka kafka, VersityGateway gateway) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("destinations-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_busy_shop_moves_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var services = await KafkaServices.StartAsync(settings, cancellation);
        await using var log = await kafka.OpenAsync();
        var output = new FileOutput(_folder.FullName);
        foreach (var destination in ShopDestinations.Definitions(output))
            await services.Control.AddDestinationAsync(destination, cancellation);
        await new ShopRun(settings, log, seed: 56).RunAsync(services.Control, cancellation);
        await ShopProof.HoldsAsync(services, log, settings, output, mayRepeat: false, cancellation);
    }

    [Fact]
    public async Task Real_shop_events_move_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        MissingPart.SkipWithout("real shop events", RealShop.File is null ? $"there is no ../shared/data/{RealShop.FileName}" : null);
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Record);
        await using var output = await ServerOutput.StartAsync(gateway, cancellation);
        await using var services = await KafkaServices.StartAsync(settings, cancellation, output.EnvironmentOf);
        await using var log = await kafka.OpenAsync();
        await output.AddDestinationsAsync(services.Control, cancellation);
        await services.Control.ApplyAsync(RealShop.Cohorts, cancellation);
        var published = await services.Control.PublishAsync(RealShop.FileName, await File.ReadAllBytesAsync(RealShop.File!, cancellation), settings.Events, "2019-10-02", cancellation);
        Assert.Equal(RealShop.WholeRows, published);
        await ShopProof.HoldsAsync(services, log, settings, output, mayRepeat: false, cancellation);
    }

    /// <summary>The files are stored, their manifest is on the way: the next life repeats the very same sync.</summary>
    [Fact]
    public async Task A_sync_that_a_kill_cut_short_is_completed_as_it_was_planned()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var output = await ServerOutput.StartAsync(gateway, cancellation);
        await using var services = await KafkaServices.StartAsync(settings, cancellation, output.EnvironmentOf);
        await using var log = await kafka.OpenAsync();
        var shop = new ShopRun(settings, log, seed: 78);
        await services.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
        await output.AddDestinationsAsync(services.Control, cancellation);
        var interrupted = await InterruptedSync.KillAsync(services, output, settings, log, () => shop.PublishChunk(), Deadline, cancellation);
        shop.PublishChunk();
        services.Start(KafkaServices.S3Sink);
        await services.ReadyAsync(KafkaServices.S3Sink, cancellation);

        await ShopRun.QuietAsync(services.Control, cancellation);
        await ShopProof.HoldsAsync(services, log, settings, output, mayRepeat: false, cancellation);
        interrupted.WasCompleted(await output.ObjectsAsync(cancellation));
    }
}
