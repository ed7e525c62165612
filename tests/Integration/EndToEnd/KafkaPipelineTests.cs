using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The same records, the same deltas: every service a process of its own on a real Kafka, held against the oracle.</summary>
public sealed class KafkaPipelineTests(SharedKafka kafka)
{
    private const int ChunksMax = 32;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_busy_shop_moves_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var services = await KafkaServices.StartAsync(settings, cancellation);
        await using var log = await kafka.OpenAsync();
        await new ShopRun(settings, log, seed: 56).RunAsync(services.Control, cancellation);
        await ProveAsync(services, log, settings, cancellation);
    }

    [Fact]
    public async Task Real_shop_events_move_users_as_the_oracle_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        MissingPart.SkipWithout("real shop events", RealShop.File is null ? $"there is no ../shared/data/{RealShop.FileName}" : null);
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Record);
        await using var services = await KafkaServices.StartAsync(settings, cancellation);
        await using var log = await kafka.OpenAsync();
        await services.Control.ApplyAsync(RealShop.Cohorts, cancellation);
        var published = await services.Control.PublishAsync(RealShop.FileName, await File.ReadAllBytesAsync(RealShop.File!, cancellation), settings.Events, "2019-10-02", cancellation);
        Assert.Equal(RealShop.WholeRows, published);
        await ProveAsync(services, log, settings, cancellation);
    }

    /// <summary>Each in mid-work: what it was doing is in its transaction, and that ends with it.</summary>
    [Fact]
    public async Task Each_service_is_killed_once_and_nothing_is_lost_or_doubled()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var services = await KafkaServices.StartAsync(settings, cancellation);
        await using var log = await kafka.OpenAsync();
        var shop = new ShopRun(settings, log, seed: 78);
        await services.Control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
        foreach (var service in KafkaServices.All)
        {
            await KillInMidWorkAsync(services, service, shop, settings, log, cancellation);
            shop.PublishChunk();
            services.Start(service);
            await services.ReadyAsync(service, cancellation);
        }

        shop.PublishChunk();
        await ShopRun.QuietAsync(services.Control, cancellation);
        await ProveAsync(services, log, settings, cancellation);
    }

    /// <summary>Gives it more to do until it is killed with some of it undone.</summary>
    private static async Task KillInMidWorkAsync(KafkaServices services, string service, ShopRun shop, PipelineSettings settings, ILog log, CancellationToken cancellation)
    {
        for (var chunks = 1; chunks <= ChunksMax; chunks *= 2)
        {
            var call = service == KafkaServices.ControlService ? services.Control.ApplyAsync([Edited(chunks)], cancellation) : Task.CompletedTask;
            for (var i = 0; i < chunks; i++)
                shop.PublishChunk();
            await services.KillAsync(service, cancellation);
            if (await IsUndoneAsync(service, call, settings, log, cancellation))
                return;
            services.Start(service);
            await services.ReadyAsync(service, cancellation);
        }

        Assert.Fail($"{service} was never killed with work undone");
    }

    private static async Task<bool> IsUndoneAsync(string service, Task call, PipelineSettings settings, ILog log, CancellationToken cancellation)
    {
        var groups = new PipelineGroups(settings.Topics);
        switch (service)
        {
            case KafkaServices.EventIngest: return await IsBehindAsync(log, groups.EventIngest, settings.Events, cancellation);
            case KafkaServices.IdentifyIngest: return await IsBehindAsync(log, groups.IdentifyIngest, settings.Identifies, cancellation);
            case KafkaServices.Evaluator: return await IsBehindAsync(log, groups.Evaluator, settings.Topics.Activity.Name, cancellation);
        }

        try
        {
            await call;
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private static async Task<bool> IsBehindAsync(ILog log, string group, string topic, CancellationToken cancellation)
    {
        var ends = await log.Admin.EndOffsetsAsync(topic, Isolation.Committed, cancellation);
        var committed = await log.Admin.CommittedAsync(group, topic, cancellation);
        return ends.Where((end, partition) => committed[partition].Offset < end - 1).Any();
    }

    private static string Edited(int edit) => $"id: edited\nname: Edit {edit}\nwhere: {{ did: {{ event: cart_added, count: {{ at_least: {edit} }}, within: 2s }} }}";

    private static async Task ProveAsync(KafkaServices services, ILog log, PipelineSettings settings, CancellationToken cancellation)
    {
        Assert.Equal(0, await services.StopIngestAsync(cancellation));
        var proof = await PipelineProof.OfAsync(log, settings.Topics, settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        Assert.True(proof.DeltaCount > 0, "nobody moved: the test proves nothing");
    }
}
