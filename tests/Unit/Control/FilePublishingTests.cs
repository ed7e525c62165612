using CohortPipeline.Contracts;
using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Log.Embedded;
using CohortPipeline.TestKit.Proof;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

/// <summary>A file whose first records have no time, by either clock.</summary>
public sealed class FilePublishingTests : IAsyncLifetime
{
    private const long OwnTime = 1_772_359_100_000;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("publishing-").FullName;
    private readonly FakeTimeProvider _time = new(Now);
    private EmbeddedLog _log = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, _time);
        await _log.Admin.CreateAsync(new("events", 1, TopicCleanup.Delete, TimeSpan.FromDays(7)), Cancellation);
        await _log.Admin.CreateAsync(new("imports", 1, TopicCleanup.Delete), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task By_the_wall_clock_they_happen_as_they_are_published() =>
        Assert.Equal([Now.ToUnixTimeMilliseconds(), OwnTime, OwnTime], await PublishAsync(ClockKind.Wall, "events"));

    [Fact]
    public async Task By_the_records_clock_they_come_before_all_others() =>
        Assert.Equal([0, OwnTime, OwnTime], await PublishAsync(ClockKind.Record, "imports"));

    private async Task<IEnumerable<long>> PublishAsync(ClockKind clock, string topic)
    {
        var options = new PipelineOptions { Log = LogKind.Embedded, Partitions = 1, Clock = clock, EventTopics = [topic] };
        using var transactions = new ControlTransactions(_log, options);
        var publishing = new FilePublishing(_log, options, new(_log, transactions, options, _time, NullLogger<FinalWatermark>.Instance), _time, NullLogger<FilePublishing>.Instance);
        var path = Path.Combine(_folder, "shop.jsonl");
        await File.WriteAllTextAsync(path, $$"""
            {"event": "looked", "user_id": "ada"}
            {"event": "looked", "user_id": "bob", "time": {{OwnTime}}}
            {"event": "looked", "user_id": "eve"}
            """, Cancellation);

        var published = await publishing.PublishAsync(new(path, "shop.jsonl", topic, Map: null, Until: null), onProgress: null, Cancellation);
        Assert.False(published.IsError, published.IsError ? string.Join("; ", published.Error!.Details) : "");
        return (await LogDump.TopicAsync(_log, topic, Cancellation))[0].Select(record => record.Timestamp);
    }
}
