using System.Net;
using CohortPipeline.Contracts;
using CohortPipeline.Log.Kafka;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Processes;
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

    [Theory]
    [InlineData("event-ingest")]
    [InlineData("membership-evaluator")]
    public async Task It_waits_and_says_so_and_goes_on_by_itself(string service)
    {
        var broker = await kafka.StartedAsync();
        await using var log = SharedKafka.Open(broker.BootstrapServers);
        var topics = new PipelineTopics(service, 4, null);
        var (group, read, written) = service == "event-ingest"
            ? (new PipelineGroups(topics).EventIngest, "events", topics.Activity.Name)
            : (new PipelineGroups(topics).Evaluator, topics.Activity.Name, topics.EvaluatorChangelog.Name);
        var port = Ports.Free();
        await using var process = ServiceProcess.Start(service, new Dictionary<string, string>
        {
            ["Http__Port"] = $"{port}",
            ["Kafka__bootstrap.servers"] = broker.BootstrapServers,
            ["Pipeline__Prefix"] = service,
            ["Ingest__WatermarkInterval"] = "00:01:00",
        });
        await process.ReadyAsync(port, Deadline, Cancellation);

        await ExpectWorkAsync(log, process, group, read, count: 1);
        await RestartableKafka.SettleAsync(log, written, group, read, Cancellation);
        await broker.StopAsync();
        await Eventually.HoldsAsync(
            async token =>
            {
                using var health = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), token);
                var text = await health.Content.ReadAsStringAsync(token);
                return health.StatusCode == HttpStatusCode.ServiceUnavailable && text.Contains("waiting for the log", StringComparison.Ordinal) ? null : $"{health.StatusCode}: {text}\n{process.Output}";
            },
            Deadline,
            Cancellation);
        await Eventually.HoldsAsync(
            () => process.Output.Contains("waits for its log", StringComparison.Ordinal) && process.Output.Contains("It goes on by itself", StringComparison.Ordinal), "it does not say that it waits", Deadline, Cancellation);
        using (var alive = await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/alive"), Cancellation))
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        await broker.StartAsync();
        await process.ReadyAsync(port, Deadline, Cancellation);
        await ExpectWorkAsync(log, process, group, read, count: 2);
        Assert.Equal(0, await process.StopAsync(Deadline, Cancellation));
    }

    /// <summary>Publishes one more record, and waits until the group has committed as many as <paramref name="count"/>.</summary>
    private static async Task ExpectWorkAsync(KafkaLog log, ServiceProcess process, string group, string topic, int count)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        new Producer(log, "test-producer").Publish([new(topic, "u:ada", $$"""{"type":"event","event":"looked","l":{{now}},"user_id":"ada"}""", now)]);
        await Eventually.HoldsAsync(
            async token =>
            {
                var committed = await log.Admin.CommittedAsync(group, topic, token);
                return committed.Any(position => position.Exists && position.Offset >= count) ? null : $"{group} has not committed {count} records of {topic}\n{process.Output}";
            },
            Deadline,
            Cancellation);
    }
}
