using CohortPipeline.Hosting;
using CohortPipeline.Log;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Opens the shop now, and publishes what its apps send as it happens.</summary>
internal sealed class ShopFeed : IDemoFeed
{
    private readonly IReadOnlyList<ShopRecord> _records;
    private readonly ShopPublisher _publisher;
    private readonly DateTimeOffset _opening;

    private ShopFeed(DateTimeOffset opening, IReadOnlyList<ShopRecord> records, ShopPublisher publisher)
    {
        _opening = opening;
        _records = records;
        _publisher = publisher;
    }

    public string Phase => "the shop is open";

    public double Progress => _records.Count == 0 ? 1 : (double)_publisher.Published / _records.Count;

    public long Published => _publisher.Published;

    public IReadOnlyList<string> Notes =>
    [
        $"{Count(ShopRecordKind.Late)} records told of something up to 20 minutes old",
        $"{Count(ShopRecordKind.Duplicate)} records were sent twice and count once",
        $"{Count(ShopRecordKind.Broken)} records were broken",
    ];

    public static ShopFeed Create(IServiceProvider services, DemoOptions options)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var opening = time.GetUtcNow();
        var records = new ShopGenerator(options.Seed, opening, DemoOptions.ShopLength).Generate();
        return new(opening, records, new(services.GetRequiredService<ILog>(), services.GetRequiredService<PipelineOptions>(), records, time));
    }

    public Task RunAsync(CancellationToken cancellation) => Task.Run(() => _publisher.RunAsync(_opening, cancellation), cancellation);

    private int Count(ShopRecordKind kind) => _records.Count(record => record.Kind == kind);
}
