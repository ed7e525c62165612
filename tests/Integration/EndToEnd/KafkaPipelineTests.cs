using System.Net.Sockets;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The same records, the same deltas: every service a process of its own on a real Kafka, held against the oracle.</summary>
public sealed class KafkaPipelineTests(SharedKafka kafka, VersityGateway gateway) : IDisposable
{
    private const int ChunksMin = 16;
    private const int ChunksMax = 64;

    /// <summary>More than the watermarks and markers of the while.</summary>
    private const long UndoneMin = 200;

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
        await ProveAsync(services, log, settings, output, mayRepeat: false, cancellation);
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
        await ProveAsync(services, log, settings, output, mayRepeat: false, cancellation);
    }

    /// <summary>Each in mid-work: what it was doing is in its transaction, and that ends with it.</summary>
    [Fact]
    public async Task Each_service_is_killed_once_and_nothing_is_lost_or_doubled()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var output = await ServerOutput.StartAsync(gateway, cancellation);
        await using var services = await KafkaServices.StartAsync(settings, cancellation, output.EnvironmentOf);
        await using var log = await kafka.OpenAsync();
        var shop = new ShopRun(settings, log, seed: 78);
        await services.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
        await output.AddDestinationsAsync(services.Control, cancellation);
        var interrupted = default(InterruptedSync);
        foreach (var service in KafkaServices.All)
        {
            if (service == KafkaServices.S3Sink)
                interrupted = await InterruptedSync.KillAsync(services, output, settings, log, () => PublishChunks(shop, ChunksMin), Deadline, cancellation);
            else
                await KillInMidWorkAsync(services, service, shop, settings, log, cancellation);
            shop.PublishChunk();
            services.Start(service);
            await services.ReadyAsync(service, cancellation);
        }

        shop.PublishChunk();
        await ShopRun.QuietAsync(services.Control, cancellation);
        await ProveAsync(services, log, settings, output, mayRepeat: true, cancellation);
        interrupted!.WasCompleted(await output.ObjectsAsync(cancellation));
    }

    /// <summary>Gives it more to do until it is killed between the first commit of that and the last.</summary>
    private static async Task KillInMidWorkAsync(KafkaServices services, string service, ShopRun shop, PipelineSettings settings, ILog log, CancellationToken cancellation)
    {
        for (var chunks = ChunksMin; chunks <= ChunksMax; chunks *= 2)
        {
            void Publish() => PublishChunks(shop, chunks);
            var isUndone = service switch
            {
                KafkaServices.ControlService => await KillWhileAnsweringAsync(services, Edited(chunks), cancellation),
                _ => await KillWhileReadingAsync(services, service, Work.Of(service, settings, log), Publish, cancellation),
            };
            if (isUndone)
                return;
            services.Start(service);
            await services.ReadyAsync(service, cancellation);
        }

        Assert.Fail($"{service} was never killed with work undone");
    }

    private static async Task<bool> KillWhileAnsweringAsync(KafkaServices services, string definition, CancellationToken cancellation)
    {
        var call = services.Control.ApplyAsync([definition], cancellation);
        await services.KillAsync(KafkaServices.ControlService, cancellation);
        try
        {
            await call;
            return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return true;
        }
    }

    private static async Task<bool> KillWhileReadingAsync(KafkaServices services, string service, Work work, Action publish, CancellationToken cancellation)
    {
        var before = await work.CommittedAsync(cancellation);
        var publishing = Task.Run(publish, cancellation);
        await Eventually.HoldsAsync(async token => await work.CommittedAsync(token) > before ? null : $"{service} has not begun", Deadline, cancellation);
        await services.KillAsync(service, cancellation);
        await publishing;
        return await work.UndoneAsync(cancellation) > UndoneMin;
    }

    private static void PublishChunks(ShopRun shop, int chunks)
    {
        for (var i = 0; i < chunks; i++)
            shop.PublishChunk();
    }

    private static string Edited(int edit) => $"id: edited\nname: Edit {edit}\nwhere: {{ did: {{ event: cart_added, count: {{ at_least: {edit} }}, within: 2s }} }}";

    /// <summary>Holds what the log and the destinations have against the oracle, once ingest has stopped and everything is delivered.</summary>
    private static async Task ProveAsync(KafkaServices services, ILog log, PipelineSettings settings, ISinkOutput output, bool mayRepeat, CancellationToken cancellation)
    {
        Assert.Equal(0, await services.StopIngestAsync(cancellation));
        var proof = await PipelineProof.OfAsync(log, settings.Topics, settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        Assert.True(proof.DeltaCount > 0, "nobody moved: the test proves nothing");
        await ShopRun.DeliveredAsync(services.Control, output, ShopDestinations.Streams, cancellation);
        var differences = await new SinkComparison(output, mayRepeat).DifferencesAsync(proof, cancellation);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>What a service reads, and how far it is.</summary>
    private sealed record Work(ILog Log, string Group, string Topic, Work? Before)
    {
        public static Work Of(string service, PipelineSettings settings, ILog log)
        {
            var groups = new PipelineGroups(settings.Topics);
            var events = new Work(log, groups.EventIngest, settings.Events, Before: null);
            return service switch
            {
                KafkaServices.EventIngest => events,
                KafkaServices.IdentifyIngest => new(log, groups.IdentifyIngest, settings.Identifies, Before: null),
                KafkaServices.KinesisSink => new(log, groups.Sink(ShopDestinations.CohortUpdates), settings.Topics.MembershipDeltas.Name, Before: events),
                _ => new(log, groups.Evaluator, settings.Topics.Activity.Name, Before: events),
            };
        }

        public async Task<long> CommittedAsync(CancellationToken cancellation) =>
            (await Log.Admin.CommittedAsync(Group, Topic, cancellation)).Sum(position => Math.Max(position.Offset, 0));

        /// <summary>Records, and a few markers, that it has yet to read once those before it in the pipeline are done.</summary>
        public async Task<long> UndoneAsync(CancellationToken cancellation)
        {
            if (Before is not null)
                await Eventually.HoldsAsync(async token => await Before.UndoneAsync(token) is var left and > 0 ? $"{left} records are unread before it" : null, Deadline, cancellation);
            return (await Log.Admin.EndOffsetsAsync(Topic, Isolation.Committed, cancellation)).Sum() - await CommittedAsync(cancellation);
        }
    }
}
