using System.Net;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;
using CohortPipeline.Tests.Integration.Kafka;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>A service whose Kafka goes away while it runs.</summary>
public sealed class KafkaOutageTests(RestartableKafka kafka) : IClassFixture<RestartableKafka>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_waits_and_says_so_and_goes_on_by_itself()
    {
        var broker = await kafka.StartedAsync();
        var port = Ports.Free();
        await using var ingest = ServiceProcess.Start("event-ingest", new Dictionary<string, string>
        {
            ["Http__Port"] = $"{port}",
            ["Kafka__bootstrap.servers"] = broker.BootstrapServers,
        });
        await ingest.ReadyAsync(port, Deadline, Cancellation);

        await broker.StopAsync();
        await Eventually.HoldsAsync(
            async token =>
            {
                using var health = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), token);
                var text = await health.Content.ReadAsStringAsync(token);
                return health.StatusCode == HttpStatusCode.ServiceUnavailable && text.Contains("waiting for the log", StringComparison.Ordinal) ? null : $"{health.StatusCode}: {text}";
            },
            Deadline,
            Cancellation);
        await Eventually.HoldsAsync(
            () => ingest.Output.Contains("waits for its log", StringComparison.Ordinal) && ingest.Output.Contains("It goes on by itself", StringComparison.Ordinal), "it does not say that it waits", Deadline, Cancellation);
        using (var alive = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), Cancellation))
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        await broker.StartAsync();
        await ingest.ReadyAsync(port, Deadline, Cancellation);
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        new Producer(log, "test-producer").Publish([new("events", "ada", """{"event":"product_viewed","user_id":"ada"}""", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())]);
        await Eventually.HoldsAsync(
            async token => (await LogDump.TopicAsync(log, new PipelineTopics("", 4, null).Activity.Name, token)).SelectMany(records => records).Any(record => record.Key == "u:ada") ? null : $"nothing is read:\n{ingest.Output}",
            Deadline,
            Cancellation);
        Assert.Equal(0, await ingest.StopAsync(Deadline, Cancellation));
    }
}
