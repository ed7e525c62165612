using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Shop;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>A shop as it happens: producers publish while definitions change, until everybody has gone quiet.</summary>
internal sealed class ShopRun(PipelineSettings settings, ILog log, int seed)
{
    /// <summary>2026-03-01T00:00:00Z: where imports begin.</summary>
    public const long ImportStart = 1_772_323_200_000;

    /// <summary>Three days.</summary>
    public const long ImportLength = 3L * 24 * 3600 * 1000;

    private const int Users = 60;
    private const int ChunkRecords = 400;
    private const int ChunkMilliseconds = 1_000;

    /// <summary>Watermarks keep coming, so that a little is always unread.</summary>
    private const int LagOfWatermarks = 50;

    private static readonly string[] WithoutWindow = ["pro-buyers", "never-bought"];

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly SyntheticShop _shop = new(seed, Users);
    private readonly Producer _producer = new(log, $"{settings.Prefix}.test-producer");

    /// <summary>Publishes the next records of the shop, as of now.</summary>
    public void PublishChunk(int records = ChunkRecords, int milliseconds = ChunkMilliseconds)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        _producer.Publish(_shop.Records(records, now - milliseconds, now, withJunk: true).Select(InTopic));
    }

    /// <summary>Definitions applied, changed and deleted between chunks; ends when everything is read and the last window is empty.</summary>
    public async Task RunAsync(ControlApi control, CancellationToken cancellation)
    {
        await control.ApplyAsync(SyntheticShop.CohortsOfSeconds, cancellation);
        PublishChunk();
        await ReadAsync(control, cancellation);
        PublishChunk();
        await control.ApplyAsync(["id: viewers\nwhere: { did: { event: product_viewed, count: { exactly: 1 }, within: 2s } }", "id: late-comers\nexport_properties: [city]\nwhere: { did: { event: cart_added, within: 2s } }"], cancellation);
        PublishChunk();
        await control.DeleteAsync("never-bought", cancellation);
        PublishChunk();
        await QuietAsync(control, cancellation);
    }

    /// <summary>Waits until all that was published is evaluated.</summary>
    public static Task ReadAsync(ControlApi control, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token => await control.LagAsync(token) is var lag and > LagOfWatermarks ? $"{lag} records are unread" : null,
        Deadline,
        cancellation);

    /// <summary>Waits until time alone has led the last user out of every cohort with a window: no delta can follow.</summary>
    public static Task QuietAsync(ControlApi control, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token =>
        {
            if (await control.LagAsync(token) is var lag and > LagOfWatermarks)
                return $"{lag} records are unread";
            var members = (await control.MembersAsync(token)).Where(cohort => cohort.Value > 0 && !WithoutWindow.Contains(cohort.Key)).ToList();
            return members.Count > 0 ? $"members are left in {string.Join(", ", members.Select(cohort => $"{cohort.Key} ({cohort.Value})"))}" : null;
        },
        Deadline,
        cancellation);

    /// <summary>Waits until every destination has what there is.</summary>
    /// <remarks>Events too once ingest has stopped: watermarks are unread ones until then.</remarks>
    public static Task DeliveredAsync(ControlApi control, ISinkOutput output, IReadOnlyList<string> streams, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token =>
        {
            foreach (var destination in streams)
            {
                if (await control.LagOfAsync(destination, token) is var lag and > 0)
                    return $"{destination} has not taken {lag} records";
            }

            var syncs = new SyncedCohorts(await output.ObjectsAsync(token));
            var behind = (await control.MembersAsync(token)).Where(cohort => cohort.Value != syncs.MembersOf(cohort.Key).Count).ToList();
            return behind.Count > 0 ? $"the CSV files are behind for {string.Join(", ", behind.Select(cohort => $"{cohort.Key} ({cohort.Value} members)"))}" : null;
        },
        Deadline,
        cancellation);

    private ProducedRecord InTopic(ProducedRecord record) => record with { Topic = record.Topic == "events" ? settings.Events : settings.Identifies };
}
